//! One exchange on a stream of its own.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use h2::RecvStream;
use measure::{ErrorReason, ExchangeBytes};

use super::frames::{Frames, StreamBytes};
use super::socket::{Open, Socket};
use super::{message, reason};
use crate::connection::{BufferedResponse, Peer, PollConnection};
use crate::content::Decoder;
use crate::head;

/// Attempts at one poll: another, and one more where many exchanges lost their connection at once.
const ATTEMPTS: u32 = 3;

/// A failure, and whether the server cannot have begun with the request.
struct Failed {
    reason: ErrorReason,
    repeats: bool,
}

impl From<ErrorReason> for Failed {
    fn from(reason: ErrorReason) -> Self {
        Self { reason, repeats: false }
    }
}

impl Open {
    fn failed(&self, error: &h2::Error) -> Failed {
        let known = self.frames.borrow().reason;
        let repeats = known.is_none() && reason::is_to_be_repeated(error);
        Failed { reason: reason::of(error, known), repeats }
    }
}

/// A stream of a connection. Its octets are counted when it goes.
struct Counted<'a> {
    frames: &'a RefCell<Frames>,
    stream: u32,
    sum: &'a mut StreamBytes,
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let bytes = self.frames.borrow_mut().take(self.stream);
        self.sum.request += bytes.request;
        self.sum.fields += bytes.fields;
        self.sum.content += bytes.content;
    }
}

impl PollConnection {
    /// Sends `request` and reads its response over a shared connection; `now` starts the time limit.
    pub(in crate::connection) async fn exchange_on_stream(
        &mut self,
        socket: &Rc<Socket>,
        peer: &Peer,
        request: &[u8],
        now: Instant,
    ) -> (Result<BufferedResponse, ErrorReason>, ExchangeBytes) {
        self.deadline = now + self.timeout;
        let mut sum = StreamBytes::default();
        let mut attempt = 1;
        let result = loop {
            let (open, reused) = match socket.open(self, peer).await {
                Ok(opened) => opened,
                Err(reason) => break Err(reason),
            };
            let Failed { reason, repeats } =
                match self.on_stream(&open, peer, request, &mut sum).await {
                    Ok(buffered) => break Ok(buffered),
                    Err(failed) => failed,
                };
            // A connection without an answer in time, or one that has ended, is of no further use. One
            // stream that was reset leaves the others as they are.
            if repeats || reason == ErrorReason::TimedOut || open.has_ended() {
                open.retire();
            }
            // On a new connection the same end is the server's answer.
            if !(repeats && reused && attempt < ATTEMPTS) {
                break Err(reason);
            }
            attempt += 1;
        };
        let StreamBytes { request, fields, content } = sum;
        let (response_fields, response_content) = (fields, content);
        (result, ExchangeBytes { request, response_fields, response_content, instrumentation: 0 })
    }

    async fn on_stream(
        &mut self,
        open: &Open,
        peer: &Peer,
        request: &[u8],
        sum: &mut StreamBytes,
    ) -> Result<BufferedResponse, Failed> {
        let message = message::request(request, peer.is_encrypted())?;
        let failed = |error| open.failed(&error);
        let ready = self.within_deadline(open.requests.clone().ready()).await?;
        let mut requests = ready.map_err(failed)?;
        let (response, _) = requests.send_request(message, true).map_err(failed)?;
        open.begun();
        // Else the connection could not end when the last exchange has.
        drop(requests);
        let stream = response.stream_id().as_u32();
        let _counted = Counted { frames: &open.frames, stream, sum };
        let response = self.within_deadline(response).await?.map_err(failed)?;
        message::write_head(&response, &mut self.buffer);
        // The lab's own lines are packed with all others, so that their share is not known.
        let head = head::parse(&self.buffer)?.ok_or(ErrorReason::Malformed)?;
        let mut decoder = Decoder::new(head.message.framing, head.fields.coding)?;
        if self.wants_sample {
            decoder.keep_sample();
        }
        self.read_stream(open, response.into_body(), &mut decoder).await?;
        let (content, octets) = (decoder.id()?, decoder.octets());
        let sample = if self.wants_sample { decoder.into_sample() } else { None };
        Ok(BufferedResponse { head, content, octets, sample, broken: None })
    }

    async fn read_stream(
        &mut self,
        open: &Open,
        mut body: RecvStream,
        decoder: &mut Decoder,
    ) -> Result<(), Failed> {
        while let Some(part) = self.within_deadline(body.data()).await? {
            let part = part.map_err(|error| Failed { repeats: false, ..open.failed(&error) })?;
            if decoder.feed(&part)? < part.len() {
                return Err(ErrorReason::ExcessBytes.into());
            }
            // Credit for more; an error would mean that no more is to come.
            let _ = body.flow_control().release_capacity(part.len());
        }
        // Its end is marked, and vouched for by the server.
        if decoder.is_complete() { Ok(()) } else { Ok(decoder.end()?) }
    }
}
