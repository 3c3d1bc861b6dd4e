//! The fast lane of a connection: plain reads, answered with octets that were prepared before.
//!
//! Invariant: hyper, which comes after it, cannot be told from it. What is no plain read
//! ([`plain`]), and what the handler declines, is left unread, and so is everything that follows it
//! on the connection: whoever takes over finds the very octets that the client sent. An answer is
//! octet for octet what hyper would have written ([`prepared`]). So nothing is refused here, and no
//! rule of HTTP is known twice.
//!
//! One read, one write: what came in one piece is answered in one piece, except that nothing is
//! read behind content until the client has taken it. A connection at rest owns no buffer: 1.4 KiB
//! instead of 10.4 through hyper. A 304 costs 8 to 11 % less than through hyper; what is left is to
//! nine parts in ten the kernel's one read and one write.

mod plain;
mod prepared;

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::Handler;
use crate::date::DateLine;
use crate::progress::Progress;
use plain::ParsedHead;
pub use plain::Plain;
pub use prepared::Prepared;

// A head that does not fit goes to hyper, which has more room.
const RECEIVED_BYTES: usize = 16 * 1_024;

thread_local! {
    // All connections of a thread share it, so that one at rest owns no buffer; none is left while
    // somebody uses it.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch {
        received: vec![0; RECEIVED_BYTES].into(),
        answers: Vec::new(),
        date: DateLine::default(),
    });
}

/// Room for one round of one connection.
struct Scratch {
    received: Box<[u8]>,
    /// Empty between rounds.
    answers: Vec<u8>,
    date: DateLine,
}

/// Reason why a connection leaves the lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LaneEnd {
    /// The client has ended it, and is owed nothing.
    Over,
    /// Something is to be answered that is not plain.
    Odd,
}

pub(crate) struct FastLane<'a, S, H> {
    stream: S,
    handler: &'a H,
    progress: &'a Progress,
    /// Received, and not answered.
    unanswered: Vec<u8>,
    /// A head may be complete in there.
    is_unseen: bool,
    is_odd: bool,
    /// Answered, and not taken by the client.
    unsent: Vec<u8>,
    /// Comes after it.
    content: Bytes,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin, H: Handler> FastLane<'a, S, H> {
    pub(crate) fn new(stream: S, handler: &'a H, progress: &'a Progress) -> Self {
        Self {
            stream,
            handler,
            progress,
            unanswered: Vec::new(),
            is_unseen: false,
            is_odd: false,
            unsent: Vec::new(),
            content: Bytes::new(),
        }
    }

    /// Answers as long as there are plain reads. Loses nothing when it is dropped before.
    pub(crate) async fn run(&mut self) -> io::Result<LaneEnd> {
        poll_fn(|cx| SCRATCH.with_borrow_mut(|scratch| self.poll_run(cx, scratch))).await
    }

    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_send(cx, &mut Vec::new())).await?;
        // Only so does the client of an encrypted connection know that nothing is missing.
        poll_fn(|cx| Pin::new(&mut self.stream).poll_shutdown(cx)).await
    }

    /// The connection, and what was received of it and not answered.
    pub(crate) fn into_parts(self) -> (S, Vec<u8>) {
        (self.stream, self.unanswered)
    }

    fn poll_run(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut Scratch,
    ) -> Poll<io::Result<LaneEnd>> {
        let Scratch { received, answers, date } = scratch;
        loop {
            ready!(self.poll_send(cx, answers))?;
            if self.is_odd {
                return Poll::Ready(Ok(LaneEnd::Odd));
            }
            let end = ready!(self.poll_receive(cx, received))?;
            if end == self.unanswered.len() && !self.is_unseen {
                return Poll::Ready(Ok(if end == 0 { LaneEnd::Over } else { LaneEnd::Odd }));
            }
            self.unanswered = Vec::new();
            self.answer(&received[..end], answers, date);
        }
    }

    /// Puts what is unanswered into `room` and, unless a head may be complete in it, what comes next
    /// behind it. Returns where that ends: with the former at the end of the stream.
    fn poll_receive(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        let begun = self.unanswered.len();
        room[..begun].copy_from_slice(&self.unanswered);
        if self.is_unseen {
            return Poll::Ready(Ok(begun));
        }
        let mut next = ReadBuf::new(&mut room[begun..]);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut next))?;
        Poll::Ready(Ok(begun + next.filled().len()))
    }

    /// Answers the plain reads at the beginning of what was received, up to one with content.
    fn answer(&mut self, received: &[u8], answers: &mut Vec<u8>, date: &mut DateLine) {
        let (mut answered, mut requests) = (0, 0);
        // Nothing is read behind content until the client has taken it.
        while answered < received.len() && self.content.is_empty() {
            let mut room = Plain::room();
            let (length, request) = match Plain::read(&received[answered..], &mut room) {
                ParsedHead::Plain(length, request) => (length, request),
                // The end of the last one of many comes with the next read.
                ParsedHead::Begun if answered > 0 => break,
                ParsedHead::Begun | ParsedHead::Odd => {
                    self.is_odd = true;
                    break;
                }
            };
            let Some(answer) = self.handler.quick(&request) else {
                self.is_odd = true;
                break;
            };
            answered += length;
            requests += 1;
            answer.write_head(answers, date.now());
            self.content = answer.into_content();
        }
        self.progress.requested(requests);
        self.unanswered.extend_from_slice(&received[answered..]);
        self.is_unseen = !self.unanswered.is_empty() && !self.content.is_empty();
    }

    /// Sends what is unsent or, where nothing is, `answers`, and the content behind it. What the
    /// client does not take is unsent.
    fn poll_send(&mut self, cx: &mut Context<'_>, answers: &mut Vec<u8>) -> Poll<io::Result<()>> {
        if !self.unsent.is_empty() {
            *answers = mem::take(&mut self.unsent);
        }
        let Self { stream, content, progress, .. } = self;
        let sent = poll_write_all(stream, cx, answers, content, progress);
        if !matches!(sent, Poll::Ready(Ok(()))) {
            self.unsent = mem::take(answers);
        }
        sent
    }
}

/// Writes both to their ends, and takes from them what was written.
fn poll_write_all(
    stream: &mut (impl AsyncWrite + Unpin),
    cx: &mut Context<'_>,
    head: &mut Vec<u8>,
    content: &mut Bytes,
    progress: &Progress,
) -> Poll<io::Result<()>> {
    while !(head.is_empty() && content.is_empty()) {
        let stream = Pin::new(&mut *stream);
        let written = ready!(if content.is_empty() {
            // Cheaper than a list of one.
            stream.poll_write(cx, head)
        } else {
            stream.poll_write_vectored(cx, &[IoSlice::new(head), IoSlice::new(content)])
        })?;
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        progress.sent(written);
        let of_head = written.min(head.len());
        head.drain(..of_head);
        content.advance(written - of_head);
    }
    // Nothing on a bare socket; an encrypted one may still hold what it has taken.
    Pin::new(stream).poll_flush(cx)
}
