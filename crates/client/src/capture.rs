//! Log of a run: its exchanges as they are on the wire.
//!
//! A [`Tap`] records the bytes of a connection; the [`ExchangeLog`] of a run gathers them. Neither
//! exists unless a log was asked for, and no count is taken from either.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use measure::{ExchangeBytes, Transcript, WireConnection, WireExchange, WireTiming, WrongWrite};
use truth::{Content, ContentId};
use wire::framing::Framing;

use crate::content::Decoder;
use crate::head::MAX_FIELDS_BYTES;
use crate::judge::Judgement;
use crate::meter::Meter;
use crate::response::PollResponse;

/// Both ends of a TCP connection, the client's first.
pub(crate) type Ends = (SocketAddr, SocketAddr);

/// Limits of the log: the first exchanges, and contents up to a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capture {
    /// Most exchanges.
    pub exchanges: usize,
    /// Most octets of one content; larger ones are not kept at all.
    pub content_bytes: usize,
    /// Most octets of all contents together, equal ones counted once.
    pub total_content_bytes: usize,
}

/// Records bytes and times of the exchanges on one connection, one at a time.
#[derive(Debug)]
pub(crate) struct Tap {
    capture: Capture,
    request: Vec<u8>,
    ends: Option<Ends>,
    reused: bool,
    begun: Instant,
    opened: Option<Instant>,
    sent: Option<Instant>,
    first_byte: Option<Instant>,
    ended: Instant,
    read: Vec<u8>,
    total: usize,
    /// Bytes of the heads, and how the content behind them is framed.
    head: Option<(usize, Framing)>,
}

impl Tap {
    pub(crate) fn new(capture: Capture) -> Self {
        let now = Instant::now();
        Self {
            capture,
            request: Vec::new(),
            ends: None,
            reused: false,
            begun: now,
            opened: None,
            sent: None,
            first_byte: None,
            ended: now,
            read: Vec::new(),
            total: 0,
            head: None,
        }
    }

    pub(crate) fn begin(&mut self, request: &[u8]) {
        *self = Self { request: request.to_vec(), ..Self::new(self.capture) };
    }

    pub(crate) fn opened(&mut self, reused: bool, ends: Option<Ends>) {
        self.reused = reused;
        self.opened = Some(if reused { self.begun } else { Instant::now() });
        self.ends = ends;
    }

    pub(crate) fn sent(&mut self) {
        self.sent = Some(Instant::now());
    }

    pub(crate) fn received(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.first_byte.get_or_insert_with(Instant::now);
        // What exceeds the limit is counted and not kept: content then counts as not seen.
        // There is room for the framing of a content that is just small enough.
        let limit = MAX_FIELDS_BYTES + self.capture.content_bytes.saturating_mul(2);
        let room = limit.saturating_sub(self.read.len()).min(bytes.len());
        self.read.extend_from_slice(&bytes[..room]);
        self.total += bytes.len();
    }

    /// The head is complete; so many of the bytes received follow it.
    pub(crate) fn head_ended(&mut self, behind: usize, framing: Framing) {
        self.head = Some((self.total - behind, framing));
    }

    pub(crate) fn end(&mut self) {
        self.ended = Instant::now();
    }

    fn head_bytes(&self) -> &[u8] {
        let len = self.head.map_or(0, |(len, _)| len);
        self.read.get(..len).unwrap_or_default()
    }

    fn content(&self) -> Option<Vec<u8>> {
        let (len, framing) = self.head.filter(|_| self.read.len() == self.total)?;
        Decoder::content_of(framing, self.read.get(len..)?)
    }

    fn timing(&self, start: Instant) -> WireTiming {
        let opened = self.opened.unwrap_or(self.ended);
        let sent = self.sent.unwrap_or(self.ended);
        let first_byte = self.first_byte.unwrap_or(self.ended);
        WireTiming {
            started: self.begun.saturating_duration_since(start),
            connect: (!self.reused).then(|| opened.saturating_duration_since(self.begun)),
            send: sent.saturating_duration_since(opened),
            wait: first_byte.saturating_duration_since(sent),
            receive: self.ended.saturating_duration_since(first_byte),
        }
    }
}

#[derive(Debug)]
pub(crate) struct ExchangeLog {
    capture: Capture,
    start: Instant,
    meter: Arc<Meter>,
    requests: HashMap<u32, u32>,
    contents: HashMap<ContentId, Arc<[u8]>>,
    room: usize,
    transcript: Transcript,
}

impl ExchangeLog {
    pub(crate) fn new(capture: Capture, start: Instant, meter: &Arc<Meter>) -> Self {
        Self {
            capture,
            start,
            meter: Arc::clone(meter),
            requests: HashMap::new(),
            contents: HashMap::new(),
            room: capture.total_content_bytes,
            transcript: Transcript {
                started: SystemTime::now(),
                exchanges: Vec::new(),
                left_out: 0,
                wrong_write: None,
            },
        }
    }

    /// Keeps the latest exchange of `tap`, if there is room. Without a judgement the client hung up
    /// and its poll goes on; `held` is the content that it shows meanwhile.
    pub(crate) fn keep(
        &mut self,
        client: u32,
        tap: &Tap,
        response: Option<&PollResponse<'_>>,
        judgement: Option<&Judgement>,
        held: Option<Content>,
        bytes: ExchangeBytes,
    ) {
        let meter = Arc::clone(&self.meter);
        // The first exchanges show how clients come to hold what they hold; the last do not.
        let is_full = self.transcript.exchanges.len() >= self.capture.exchanges;
        if is_full && meter.witness.is_none() {
            self.transcript.left_out += 1;
            return;
        }
        let number = self.requests.entry(client).or_default();
        *number += 1;
        let number = *number;
        // A part is no content on its own. A 304 has none, and the hash of nothing is not what it
        // confirms.
        let whole = response.filter(|response| judgement.is_some() && response.octets > 0);
        let tagged_content = match judgement {
            Some(judgement) => judgement.tagged_content,
            None => response.and_then(PollResponse::declared),
        };
        let content = whole.and_then(|response| self.content(response, tap));
        let exchange = WireExchange {
            client,
            number,
            request: tap.request.clone(),
            response_head: tap.head_bytes().to_vec(),
            content,
            octets: whole.map(|response| response.content),
            tagged_content: tagged_content.map(|content| content.id),
            held: judgement.map_or(held, |judgement| judgement.held).map(|content| content.id),
            verdict: judgement.map(|judgement| judgement.verdict),
            error: judgement.and_then(|judgement| judgement.error),
            replica: response.and_then(|r| r.declaration).map(|d| d.replica),
            bytes,
            connection: WireConnection { ends: tap.ends, reused: tap.reused },
            timing: tap.timing(self.start),
        };
        match &meter.witness {
            Some(witness) => witness.on_the_wire(exchange),
            None => self.transcript.exchanges.push(exchange),
        }
    }

    /// Keeps the first write that went wrong.
    pub(crate) fn keep_write(&mut self, write: WrongWrite) {
        self.transcript.wrong_write.get_or_insert(write);
    }

    pub(crate) fn take(&mut self) -> Transcript {
        let mut exchanges = std::mem::take(&mut self.transcript.exchanges);
        let Transcript { started, left_out, .. } = self.transcript;
        let wrong_write = self.transcript.wrong_write.take();
        // They were kept as they ended; with several in flight that is another order.
        exchanges.sort_by_key(|exchange| exchange.timing.started);
        Transcript { exchanges, wrong_write, started, left_out }
    }

    /// The content of this exchange, if all of it came. Polls bring the same one again and again, so
    /// each is kept once.
    fn content(&mut self, response: &PollResponse<'_>, tap: &Tap) -> Option<Arc<[u8]>> {
        // The identity of a rest is that of the joined content, not of these octets.
        let rest = if response.status == 206 { Some(tap.content()?) } else { None };
        let id = rest.as_ref().map_or(response.content, |rest| ContentId::of(rest));
        if let Some(known) = self.contents.get(&id) {
            return Some(Arc::clone(known));
        }
        let limit = self.capture.content_bytes.min(self.room);
        let content = rest.or_else(|| tap.content()).filter(|content| content.len() <= limit)?;
        let content: Arc<[u8]> = content.into();
        self.room -= content.len();
        self.contents.insert(id, Arc::clone(&content));
        Some(content)
    }
}
