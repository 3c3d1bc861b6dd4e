//! One kept-alive connection that carries one exchange at a time and counts every byte.
//!
//! Decides when a connection may be used again; knows nothing of tags or verdicts.

mod reading;
mod socket;

use std::net::SocketAddr;
use std::pin::Pin;
use std::time::{Duration, Instant};

use measure::ErrorReason;
use tokio::net::TcpStream;
use tokio::time::Sleep;
use truth::ContentId;

use crate::capture::Tap;
use crate::content::Decoder;
use crate::head::PollHead;
use crate::response::PollResponse;
use crate::resume::{BrokenDownload, WantedPart};

/// Holds the fields and a content of usual size, so that one read takes in a whole response.
const BUFFER_BYTES: usize = 16 * 1024;

/// A place in the pool: a connection that is opened when first needed and again when lost.
#[derive(Debug)]
pub(crate) struct PollConnection {
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
    filled: usize,
    timer: Pin<Box<Sleep>>,
    timeout: Duration,
    deadline: Instant,
    /// Most octets that one read may take; unlimited unless the client is about to hang up.
    most_per_read: usize,
    written: u64,
    read: u64,
    /// Records every byte, if a log was asked for.
    tap: Option<Box<Tap>>,
}

/// A complete response, or as much of it as was wanted. Its octets are in the connection's buffer
/// until the next exchange.
#[derive(Debug)]
pub(crate) struct BufferedResponse {
    head: PollHead,
    content: ContentId,
    /// The download that the client broke off on purpose; `None` for a complete response.
    pub(crate) broken: Option<BrokenDownload>,
    pub(crate) traffic: Traffic,
}

/// Bytes of one exchange on the wire, attempts that failed included.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Traffic {
    pub(crate) written: u64,
    pub(crate) read: u64,
    pub(crate) content: u64,
    pub(crate) instrumentation: u64,
}

impl Traffic {
    /// The sum with another exchange of the same poll.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            written: self.written + other.written,
            read: self.read + other.read,
            content: self.content + other.content,
            instrumentation: self.instrumentation + other.instrumentation,
        }
    }
}

/// An exchange without a complete response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FailedExchange {
    pub(crate) reason: ErrorReason,
    pub(crate) traffic: Traffic,
}

/// Failure of one attempt at an exchange.
enum AttemptError {
    /// A kept-alive connection ended before a byte of the response: the usual race with a server
    /// that closes idle connections, and safe to repeat for GET (RFC 9112 §9.3.1).
    Stale,
    Final(ErrorReason),
}

impl PollConnection {
    pub(crate) fn new(timeout: Duration, tap: Option<Tap>) -> Self {
        Self {
            stream: None,
            buffer: vec![0; BUFFER_BYTES],
            filled: 0,
            // One timer per connection: one per exchange would cost a timer wheel entry per poll.
            timer: Box::pin(tokio::time::sleep(timeout)),
            timeout,
            deadline: Instant::now(),
            most_per_read: usize::MAX,
            written: 0,
            read: 0,
            tap: tap.map(Box::new),
        }
    }

    /// Record of the latest exchange, if a log was asked for.
    pub(crate) fn tap(&self) -> Option<&Tap> {
        self.tap.as_deref()
    }

    /// Hangs up; the next exchange opens a new connection.
    pub(crate) fn close(&mut self) {
        self.stream = None;
    }

    /// Sends `request` and reads `part` of its response; `now` starts the time limit.
    pub(crate) async fn exchange(
        &mut self,
        addresses: &[SocketAddr],
        request: &[u8],
        part: &WantedPart,
        now: Instant,
    ) -> Result<BufferedResponse, FailedExchange> {
        // Bytes of a first attempt that failed count as well: they were on the wire.
        (self.written, self.read, self.filled) = (0, 0, 0);
        self.deadline = now + self.timeout;
        self.note(Tap::begin);
        let mut content = 0;
        let mut attempt = self.attempt(addresses, request, part, &mut content).await;
        // Only once: a server that accepts and closes again and again is a failure to report.
        if matches!(attempt, Err(AttemptError::Stale)) {
            self.stream = None;
            attempt = self.attempt(addresses, request, part, &mut content).await;
        }
        self.note(Tap::end);
        let traffic =
            Traffic { written: self.written, read: self.read, content, instrumentation: 0 };
        match attempt {
            Ok((head, decoder, content)) => Ok(self.buffered(head, decoder, content, traffic)),
            Err(broken) => {
                self.stream = None;
                let reason = match broken {
                    AttemptError::Stale => ErrorReason::ClosedWithoutResponse,
                    AttemptError::Final(reason) => reason,
                };
                Err(FailedExchange { reason, traffic })
            }
        }
    }

    /// The response of the latest exchange.
    pub(crate) fn response(&self, buffered: &BufferedResponse) -> PollResponse<'_> {
        let head = &buffered.head;
        PollResponse {
            status: head.status,
            head: &self.buffer[..head.len],
            entity_tag: head.entity_tag.clone().map(|range| &self.buffer[range]),
            declaration: head.declaration,
            content: buffered.content,
            coding: head.coding,
            octets: buffered.traffic.content,
        }
    }

    fn buffered(
        &mut self,
        head: PollHead,
        decoder: Decoder,
        content: ContentId,
        traffic: Traffic,
    ) -> BufferedResponse {
        // Octets of a broken download may still arrive, and would pass for the next response.
        if !head.persistent || !decoder.is_complete() {
            self.stream = None;
        }
        let traffic = Traffic { instrumentation: head.instrumentation as u64, ..traffic };
        let broken = BrokenDownload::of(&head, decoder);
        BufferedResponse { head, content, broken, traffic }
    }

    async fn attempt(
        &mut self,
        addresses: &[SocketAddr],
        request: &[u8],
        part: &WantedPart,
        octets: &mut u64,
    ) -> Result<(PollHead, Decoder, ContentId), AttemptError> {
        let reused = self.ensure_open(addresses).await.map_err(AttemptError::Final)?;
        if let Some(tap) = &mut self.tap {
            tap.opened(reused, self.stream.as_ref());
        }
        // On a new connection the same end is the server's answer, not a race.
        let stale = |reason| match reason {
            ErrorReason::ClosedWithoutResponse if reused => AttemptError::Stale,
            reason => AttemptError::Final(reason),
        };
        self.write_all(request).await.map_err(stale)?;
        self.note(Tap::sent);
        // Only octet by octet does reading end exactly where the client is to hang up.
        self.most_per_read = if part.may_be_cut() { 1 } else { usize::MAX };
        let head = self.read_head().await.map_err(stale)?;
        self.most_per_read = usize::MAX;
        let behind = self.filled - head.len;
        self.note(|tap| tap.head_ended(behind, head.framing));
        let decoder = self.read_content(&head, part, octets).await.map_err(AttemptError::Final)?;
        // A content that was cut on purpose has no identity yet, and might not even decode.
        let id = if decoder.is_complete() { decoder.id() } else { Ok(ContentId::of(b"")) };
        Ok((head, decoder, id.map_err(AttemptError::Final)?))
    }

    fn note(&mut self, event: impl FnOnce(&mut Tap)) {
        if let Some(tap) = &mut self.tap {
            event(tap);
        }
    }
}
