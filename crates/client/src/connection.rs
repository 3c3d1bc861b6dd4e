//! One kept-alive connection that carries one exchange at a time and counts every byte.
//!
//! Decides when a connection may be used again; knows nothing of tags or verdicts.

mod http2;
mod peer;
mod reading;
mod request;
mod socket;
mod stream;

use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use measure::{ErrorReason, ExchangeBytes};
use tokio::time::Sleep;
use truth::ContentId;
use wire::framing::Framing;

pub(crate) use self::http2::Socket;
pub(crate) use self::peer::Peer;
pub(crate) use self::request::{Request, Verb};
use self::stream::PollStream;
use crate::capture::Tap;
use crate::head::PollHead;
use crate::response::PollResponse;
use crate::resume::{BrokenDownload, WantedPart};

/// Holds the fields and a content of usual size, so that one read takes in a whole response.
const BUFFER_BYTES: usize = 16 * 1024;

/// A place in the pool: a connection that is opened when first needed and again when lost.
#[derive(Debug)]
pub(crate) struct PollConnection {
    stream: Option<PollStream>,
    /// Connection of HTTP/2 that is shared with others; exchanges then are streams of it.
    socket: Option<Rc<Socket>>,
    /// True if the exchange goes over a connection that an earlier one had opened.
    reused: bool,
    buffer: Vec<u8>,
    filled: usize,
    /// True if TLS ended without a word: the server, or somebody on the way, cut it.
    is_cut: bool,
    timer: Pin<Box<Sleep>>,
    timeout: Duration,
    deadline: Instant,
    /// Most octets that one read may take; unlimited unless the client is about to hang up.
    most_per_read: usize,
    written: u64,
    read: u64,
    /// Octets of content, of those that were read.
    content: u64,
    /// True if the next content is to be kept as a sample.
    pub(crate) wants_sample: bool,
    /// Records every byte, if a log was asked for.
    tap: Option<Box<Tap>>,
}

/// A complete response, or as much of it as was wanted. Its octets are in the connection's buffer
/// until the next exchange.
#[derive(Clone, Debug)]
pub(crate) struct BufferedResponse {
    pub(crate) head: PollHead,
    pub(crate) content: ContentId,
    pub(crate) octets: u64,
    /// Beginning of the content, if it was wanted.
    pub(crate) sample: Option<Vec<u8>>,
    /// The download that the client broke off on purpose; `None` for a complete response.
    pub(crate) broken: Option<BrokenDownload>,
}

impl BufferedResponse {
    /// The response, whose head is at the start of this buffer.
    pub(crate) fn over<'a>(&self, buffer: &'a [u8]) -> PollResponse<'a> {
        let PollHead { message, fields } = &self.head;
        PollResponse {
            status: message.status,
            head: &buffer[..message.len],
            entity_tag: fields.entity_tag.clone().map(|range| &buffer[range]),
            declaration: fields.declaration,
            content: self.content,
            coding: fields.coding,
            octets: self.octets,
            hides_tag: false,
        }
    }
}

impl PollConnection {
    pub(crate) fn new(timeout: Duration, tap: Option<Tap>, socket: Option<Rc<Socket>>) -> Self {
        // Over HTTP/2 there are many of them, and a buffer holds a head alone.
        let buffer = if socket.is_some() { Vec::new() } else { vec![0; BUFFER_BYTES] };
        Self {
            stream: None,
            socket,
            reused: false,
            buffer,
            filled: 0,
            is_cut: false,
            // One timer per connection: one per exchange would cost a timer wheel entry per poll.
            timer: Box::pin(tokio::time::sleep(timeout)),
            timeout,
            deadline: Instant::now(),
            most_per_read: usize::MAX,
            written: 0,
            read: 0,
            content: 0,
            wants_sample: false,
            tap: tap.map(Box::new),
        }
    }

    pub(crate) fn tap(&self) -> Option<&Tap> {
        self.tap.as_deref()
    }

    pub(crate) fn close(&mut self) {
        self.stream = None;
        if let Some(socket) = &self.socket {
            socket.close();
        }
    }

    /// Sends a request and reads the wanted part of its response; `now` starts the time limit. Returns also
    /// the bytes on the wire.
    pub(crate) async fn exchange(
        &mut self,
        peer: &Peer,
        request: Request<'_>,
        now: Instant,
    ) -> (Result<BufferedResponse, ErrorReason>, ExchangeBytes) {
        if let Some(socket) = self.socket.clone() {
            // In a box, so that polls over HTTP/1.1 do not carry its state about.
            return Box::pin(self.exchange_on_stream(&socket, peer, request.octets, now)).await;
        }
        // Bytes of a first attempt that failed count as well: they were on the wire.
        (self.written, self.read, self.content) = (0, 0, 0);
        self.filled = 0;
        self.deadline = now + self.timeout;
        self.note(|tap| tap.begin(request.octets));
        let mut result = self.attempt(peer, request).await;
        // A kept connection may end before a byte of the response: the usual race with a server that
        // closes idle ones, and safe to repeat for GET (RFC 9112 §9.3.1). On a new connection the same
        // end is the server's answer, and a server that closes again and again is to be reported.
        let is_stale = self.reused && matches!(result, Err(ErrorReason::ClosedWithoutResponse));
        if is_stale && request.verb.may_repeat() {
            self.stream = None;
            result = self.attempt(peer, request).await;
        }
        self.note(Tap::end);
        if result.is_err() {
            self.stream = None;
        }
        let instrumentation = |buffered: &BufferedResponse| buffered.head.fields.instrumentation;
        let bytes = ExchangeBytes {
            request: self.written,
            response_fields: self.read - self.content,
            response_content: self.content,
            instrumentation: result.as_ref().map_or(0, instrumentation) as u64,
        };
        (result, bytes)
    }

    pub(crate) fn response(&self, buffered: &BufferedResponse) -> PollResponse<'_> {
        buffered.over(&self.buffer)
    }

    async fn attempt(
        &mut self,
        peer: &Peer,
        Request { octets, part, verb }: Request<'_>,
    ) -> Result<BufferedResponse, ErrorReason> {
        self.reused = self.ensure_open(peer).await?;
        if let Some(tap) = &mut self.tap {
            tap.opened(self.reused, self.stream.as_ref().and_then(PollStream::ends));
        }
        self.write_all(octets).await?;
        self.note(Tap::sent);
        // Only octet by octet does reading end exactly where the client is to hang up.
        let may_be_cut = matches!(part, WantedPart::Share(_));
        self.most_per_read = if may_be_cut { 1 } else { usize::MAX };
        let mut head = self.read_head().await?;
        if verb == Verb::Head {
            // Whatever length the fields announce (RFC 9110 §9.3.2).
            head.message.framing = Framing::None;
        }
        self.most_per_read = usize::MAX;
        let behind = self.filled - head.message.len;
        self.note(|tap| tap.head_ended(behind, head.message.framing));
        let decoder = self.read_content(&head, part).await?;
        let is_complete = decoder.is_complete();
        // A content that was cut on purpose has no identity yet, and might not even decode.
        let content = if is_complete { decoder.id()? } else { ContentId::of(b"") };
        // Octets of a broken download may still arrive, and would pass for the next response.
        if !head.message.persistent || !is_complete {
            self.stream = None;
        }
        let (sample, broken) = match (is_complete, self.wants_sample) {
            (true, true) => (decoder.into_sample(), None),
            (true, false) => (None, None),
            (false, _) => (None, BrokenDownload::of(&head, decoder)),
        };
        Ok(BufferedResponse { head, content, octets: self.content, sample, broken })
    }

    fn note(&mut self, event: impl FnOnce(&mut Tap)) {
        if let Some(tap) = &mut self.tap {
            event(tap);
        }
    }
}
