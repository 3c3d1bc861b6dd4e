//! Evidence: one [`ObservedExchange`] for each exchange, and the contents they carried.
//!
//! Everything the findings read is here, so they judge a live deployment, a browser's capture and
//! a `curl -v` log alike. Field values and tags are octets as they came; whoever prints them
//! neutralises them. Makes no request and knows no clock: times count from the first exchange.

mod content;
mod fields;
mod strangers;

use std::collections::BTreeMap;
use std::time::Duration;

pub use content::{ContentSummary, Digests, Fingerprint};
pub use content::{hex, short};
pub use fields::FieldLines;
pub use strangers::{NOBODYS, holding, in_shape_of};

use crate::memory::Memory;

/// All that is known about one target.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The URL that was asked for.
    pub target: String,
    /// Origin of the evidence.
    pub source: EvidenceSource,
    /// Ways to the target: one lane for each backend or address.
    pub lanes: Vec<Lane>,
    /// Exchanges in the order of their requests.
    pub observations: Vec<ObservedExchange>,
    /// The first bytes of some contents, by fingerprint, to locate a difference in.
    pub samples: BTreeMap<Fingerprint, Vec<u8>>,
    /// True if the certificates of the servers were verified, false if any was accepted, and `None`
    /// without TLS and for captures.
    pub certificate_verified: Option<bool>,
    /// Moment of the first request, RFC 3339 in UTC; empty for captures.
    pub at: String,
    /// Names of the request fields that the user gave, in lower case and in order.
    pub given: Vec<String>,
    /// Result of an earlier check to compare with.
    pub earlier: Option<Memory>,
    /// Reasons why fewer requests were made than planned, one sentence each.
    pub notes: Vec<String>,
    /// Evidence about other URLs of the same capture, without samples and without others.
    pub others: Vec<Evidence>,
}

impl Evidence {
    /// Bytes of one content that are kept to locate differences in.
    pub const SAMPLE_BYTES: usize = 1024 * 1024;
    /// Contents of which a sample is kept.
    const SAMPLES: usize = 12;

    /// Exchanges before the check wrote anything, if it did: what changes then is its own doing.
    pub fn before_writes(&self) -> &[ObservedExchange] {
        let is_write = |seen: &ObservedExchange| seen.asked.method == Method::Put;
        let first = self.observations.iter().position(is_write);
        let is_ours = self.source == EvidenceSource::Live;
        &self.observations[..first.filter(|_| is_ours).unwrap_or(self.observations.len())]
    }

    /// Keeps the beginning of a content, unless there are enough already.
    pub fn keep_sample(&mut self, fingerprint: Fingerprint, content: &[u8]) {
        if self.samples.len() < Self::SAMPLES {
            let kept = &content[..content.len().min(Self::SAMPLE_BYTES)];
            self.samples.entry(fingerprint).or_insert_with(|| kept.to_vec());
        }
    }
}

/// Origin of evidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EvidenceSource {
    /// Requests of our own.
    #[default]
    Live,
    /// A HAR file of a browser.
    Har,
    /// Text that curl, `HTTPie` or wget printed.
    Wire,
}

/// One way to the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Host and port, or address, as a person would name it.
    pub name: String,
    /// True if exactly one server stands behind it, as the user says with `--backend`.
    pub is_backend: bool,
}

/// One exchange.
#[derive(Clone, Debug)]
pub struct ObservedExchange {
    /// Since the first request.
    pub at: Duration,
    /// Index into [`Evidence::lanes`].
    pub lane: usize,
    /// Connection that carried it.
    pub connection: Connection,
    /// The request.
    pub asked: ObservedRequest,
    /// The response, or the reason for its absence.
    pub outcome: Result<ObservedResponse, ExchangeFailure>,
}

/// Use of the connection that carried an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// A connection of its own.
    Fresh,
    /// A connection that had carried an exchange before.
    Kept,
}

/// Method of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    #[default]
    Get,
    /// `HEAD`.
    Head,
    /// `PUT`, which is made only where the user asks for it.
    Put,
}

impl Method {
    /// Name in a request line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Put => "PUT",
        }
    }
}

/// The parts of a request that its answer may depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedRequest {
    /// Method.
    pub method: Method,
    /// Value of `Accept-Encoding`; `None` when the field was absent.
    pub accept_encoding: Option<String>,
    /// Tags of `If-None-Match`, with quotes and weakness as sent.
    pub none_match: Vec<Vec<u8>>,
    /// True if `If-None-Match` was `*`.
    pub any: bool,
    /// Value of `If-Modified-Since`.
    pub modified_since: Option<Vec<u8>>,
    /// Tags of `If-Match`, with quotes and weakness as sent.
    pub matching: Vec<Vec<u8>>,
    /// Value of `Range`.
    pub range: Option<Vec<u8>>,
    /// Value of `If-Range`.
    pub if_range: Option<Vec<u8>>,
    /// All other fields: of a capture those that were sent, of a check those that differ from what
    /// it usually sends. May hold credentials, which no finding shows.
    pub fields: FieldLines,
}

impl ObservedRequest {
    /// Reports whether no precondition was sent.
    pub fn is_plain(&self) -> bool {
        self.none_match.is_empty() && !self.any && self.modified_since.is_none()
    }

    /// Reports whether a whole representation was asked for with `GET`.
    pub fn is_whole_get(&self) -> bool {
        self.method == Method::Get && self.range.is_none()
    }

    /// Reports whether `If-None-Match` held tags and there was no other precondition.
    pub fn is_by_tag(&self) -> bool {
        !self.none_match.is_empty() && !self.any && self.modified_since.is_none()
    }

    /// Reports whether caches on the way have to ask the server before they answer (RFC 9111 §5.2.1.4).
    pub fn asks_past_caches(&self) -> bool {
        let control = self.fields.list("cache-control");
        control.split(',').any(|part| part.trim() == "no-cache")
            || self.fields.list("pragma").contains("no-cache")
    }

    /// Reports whether a compressed response was welcome.
    pub fn accepts_compression(&self) -> bool {
        let accepted = self.accept_encoding.as_deref().unwrap_or("");
        ["gzip", "br", "zstd", "deflate", "*"].iter().any(|coding| accepted.contains(coding))
    }
}

/// A response whose head was understood.
#[derive(Clone, Debug)]
pub struct ObservedResponse {
    /// `HTTP/1.1`, `HTTP/2`.
    pub version: &'static str,
    /// Status code.
    pub status: u16,
    /// Field lines.
    pub fields: FieldLines,
    /// Content behind the head.
    pub content: ContentSummary,
}

impl ObservedResponse {
    /// The value of `ETag`; a field without one is none.
    pub fn tag(&self) -> Option<&[u8]> {
        self.fields.get("etag").filter(|tag| !tag.is_empty())
    }

    /// The value of `Last-Modified`.
    pub fn last_modified(&self) -> Option<&[u8]> {
        self.fields.get("last-modified")
    }

    /// The content coding in lower case; `identity` when there is none.
    pub fn coding(&self) -> String {
        let coding = self.fields.get("content-encoding").map(<[u8]>::to_ascii_lowercase);
        let coding = coding.map(|coding| String::from_utf8_lossy(&coding).trim().to_owned());
        coding.filter(|coding| !coding.is_empty()).unwrap_or_else(|| "identity".to_owned())
    }
}

/// Reason for a missing answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeFailure {
    /// Name resolution or connection.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// TLS.
    #[error("TLS: {0}")]
    Tls(String),
    /// A time limit passed.
    #[error("no complete response within the time limit")]
    TimedOut,
    /// The connection ended within a response.
    #[error("the connection ended before the response did")]
    Cut,
    /// The octets received are no HTTP response.
    #[error("malformed response: {0}")]
    Malformed(String),
    /// Anything else about the connection.
    #[error("{0}")]
    Broken(String),
}

/// The opaque-tag of RFC 9110 §8.8.3: quotes included and weakness not, as weak comparison wants it.
/// What is no entity tag is compared octet by octet, so that `h` and `"h"` are two.
pub fn opaque(tag: &[u8]) -> &[u8] {
    let quoted = tag.strip_prefix(b"W/").filter(|rest| rest.starts_with(b"\"") && rest.len() > 1);
    quoted.unwrap_or(tag)
}

/// The text of a tag, to be read: without quotes and weakness, whether or not they are right.
pub fn inner(tag: &[u8]) -> &[u8] {
    let strong = tag.strip_prefix(b"W/").or_else(|| tag.strip_prefix(b"w/")).unwrap_or(tag);
    strong.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(strong)
}

/// Reports whether a tag carries the weakness indicator, or means to.
pub fn is_weak(tag: &[u8]) -> bool {
    tag.starts_with(b"W/") || tag.starts_with(b"w/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_decide_which_tags_are_one() {
        let same = |one: &[u8], two: &[u8]| opaque(one) == opaque(two);
        assert!(same(b"W/\"h\"", b"\"h\"") && same(b"h", b"h"));
        // httpd leaves out the quote behind, and marks as weak what was just written.
        assert!(same(b"W/\"h;1", b"\"h;1"));
        for malformed in [&b"h"[..], b"W/h", b"w/\"h\"", b"\"h", b"W/\""] {
            assert!(!same(malformed, b"\"h\""), "{malformed:?}");
        }
    }
}
