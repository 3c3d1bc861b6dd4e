//! One poll as the client saw it, and the reasons for which a poll fails.

use std::fmt;
use std::time::Duration;

use truth::{ContentId, ReplicaId};

use crate::coding::ContentCoding;
use crate::verdict::Verdict;

/// One poll, judged and measured. Borrowed: recording it allocates nothing in the usual case.
#[derive(Clone, Debug)]
pub struct Exchange<'a> {
    /// Number of the poll within its client, from 0.
    pub round: u32,
    /// Verdict on the poll.
    pub verdict: Verdict,
    /// Reason of a failure; `Some` exactly when the verdict is `Error`.
    pub error: Option<ErrorReason>,
    /// True when the request carried a validator (RFC 9110 §13.1).
    pub conditional: bool,
    /// Number of the polled resource, from 0. A tag says nothing about the content of
    /// another resource (RFC 9110 §8.8.3).
    pub resource: u32,
    /// The replica that answered, if it was declared.
    pub replica: Option<ReplicaId>,
    /// The tag of the response as in the field, without surrounding white space.
    pub entity_tag: Option<&'a [u8]>,
    /// The content that the replica held when it sent this tag, where that is known.
    pub tagged_content: Option<ContentId>,
    /// In which form the content came, or in which the client holds it that a 304 confirms.
    pub coding: ContentCoding,
    /// Bytes on the socket.
    pub bytes: ExchangeBytes,
    /// From the intended start of the poll to its last byte; `None` in virtual time.
    pub latency: Option<Duration>,
}

/// Bytes of one exchange, counted at the socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExchangeBytes {
    /// Written: request line, field lines, repeated attempts included.
    pub request: u64,
    /// Read: status line, field lines and framing, everything but content.
    pub response_fields: u64,
    /// Read: octets of content, without transfer coding.
    pub response_content: u64,
    /// Of the above, in either direction: the field lines that only the lab adds.
    pub instrumentation: u64,
}

impl ExchangeBytes {
    /// Every byte read.
    pub fn response(&self) -> u64 {
        self.response_fields + self.response_content
    }
}

/// Outcome of a request for the rest of a download that had broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// 206 with what was missing (RFC 9110 §15.3.7).
    Partial,
    /// 200: the whole content again.
    Whole,
}

/// Reason why a poll counts as an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorReason {
    /// Nobody listens at the address.
    ConnectionRefused,
    /// No connection for another reason.
    ConnectionFailed,
    /// The handshake failed, or the server refused the client in the course of it; in words.
    Tls(&'static str),
    /// The server does not speak HTTP/2, or breaks its rules, or ends a stream or a connection by them;
    /// in words.
    Http2(&'static str),
    /// The connection ended before the first byte of a response.
    ClosedWithoutResponse,
    /// The connection ended inside the fields or before all content had come.
    Cut,
    /// No complete response within the time limit.
    TimedOut,
    /// The status line or a field line is not HTTP/1.x (RFC 9112 §2).
    Malformed,
    /// The fields exceed the size or number that the client accepts.
    FieldsTooLarge,
    /// The content exceeds the size that the client accepts.
    ContentTooLarge,
    /// Content-Length and Transfer-Encoding are invalid or contradict each other (RFC 9112 §6.3).
    BadFraming,
    /// Bytes followed a response that had ended: content in a 304, or more than Content-Length.
    ExcessBytes,
    /// A 304 to a request without a validator.
    UnsolicitedNotModified,
    /// The content is not the one its replica declares.
    ContentMismatch,
    /// A 206 that is not the rest that was asked for: another range or length, or several parts
    /// (RFC 9110 §15.3.7).
    WrongRange,
    /// A 206 under another tag than the one in `If-Range`, where a 200 belongs (RFC 9110 §13.1.5).
    IfRangeIgnored,
    /// The parts of a resumed download do not make up a content that anybody declares.
    Spliced,
    /// The content does not decode in the coding that it is said to be in.
    Undecodable,
    /// A response that the script of another origin may not read (Fetch standard §4.9).
    CrossOrigin,
    /// A complete response with a status other than 200 and 304.
    Status(u16),
}

impl fmt::Display for ErrorReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConnectionRefused => "connection refused",
            Self::ConnectionFailed => "connection failed",
            Self::ClosedWithoutResponse => "closed without a response",
            Self::Cut => "response cut short",
            Self::TimedOut => "timed out",
            Self::Malformed => "malformed response",
            Self::FieldsTooLarge => "response fields too large",
            Self::ContentTooLarge => "content too large",
            Self::BadFraming => "invalid or contradictory framing",
            Self::ExcessBytes => "bytes after the end of the response",
            Self::UnsolicitedNotModified => "304 to an unconditional request",
            Self::ContentMismatch => "content differs from what its replica declares",
            Self::WrongRange => "206 is not the range that was asked for",
            Self::IfRangeIgnored => "206 under another tag than If-Range named: it was ignored",
            Self::Spliced => "parts of different contents spliced",
            Self::CrossOrigin => "the page may not read it (Access-Control-Allow-Origin)",
            Self::Undecodable => "content does not decode in its coding",
            Self::Tls(reason) => return write!(f, "TLS: {reason}"),
            Self::Http2(reason) => return write!(f, "HTTP/2: {reason}"),
            Self::Status(status) => return write!(f, "status {status}"),
        })
    }
}
