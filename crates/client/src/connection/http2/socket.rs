//! One TCP connection that many drivers share: opened by the first that needs it, and again when it has
//! ended.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use measure::ErrorReason;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Mutex;
use wire::tls::refusal;

use super::frames::{Frames, FramingMeter};
use super::reason;
use crate::connection::socket::refused;
use crate::connection::stream::PollStream;
use crate::connection::{Peer, PollConnection};
use crate::head::MAX_FIELDS_BYTES;

/// Credit that a server has for one content, and for all of a connection (RFC 9113 §5.2). Content is taken
/// as it comes, so that it is never used up.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;

/// Place of a connection.
#[derive(Debug, Default)]
pub(crate) struct Socket(Mutex<Option<Open>>);

/// A connection. Its task ends when nobody uses it any more.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) requests: SendRequest<Bytes>,
    pub(super) frames: Rc<RefCell<Frames>>,
    /// True when no exchange may begin on it.
    is_over: Rc<Cell<bool>>,
    /// True if an exchange has begun since the connection's task last looked.
    has_begun: Rc<Cell<bool>>,
}

impl Socket {
    /// So many of them.
    pub(crate) fn several(count: u32) -> Vec<Rc<Self>> {
        (0..count).map(|_| Rc::default()).collect()
    }

    /// The connection, and whether it was there already.
    pub(super) async fn open(
        &self,
        connection: &mut PollConnection,
        peer: &Peer,
    ) -> Result<(Open, bool), ErrorReason> {
        // Others wait for the one who opens it.
        let mut place = connection.within_deadline(self.0.lock()).await?;
        if let Some(open) = place.as_ref().filter(|open| !open.is_over.get()) {
            return Ok((open.clone(), true));
        }
        let open = begin(connection, peer).await?;
        *place = Some(open.clone());
        Ok((open, false))
    }

    /// Ends the connection for new exchanges.
    pub(crate) fn close(&self) {
        // Whoever holds the place is opening a new one.
        if let Ok(mut place) = self.0.try_lock()
            && let Some(open) = place.take()
        {
            open.retire();
        }
    }
}

impl Open {
    /// Lets the next exchange open another connection; those under way go on.
    pub(super) fn retire(&self) {
        self.is_over.set(true);
    }

    /// Notes that an exchange has begun.
    pub(super) fn begun(&self) {
        self.has_begun.set(true);
    }

    /// True where it is known why nothing more can come.
    pub(super) fn has_ended(&self) -> bool {
        self.frames.borrow().reason.is_some()
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(MAX_FIELDS_BYTES as u32)
        .enable_push(false);
    builder
}

async fn begin(connection: &mut PollConnection, peer: &Peer) -> Result<Open, ErrorReason> {
    connection.ensure_open(peer).await?;
    let stream = connection.stream.take().ok_or(ErrorReason::ConnectionFailed)?;
    let meter = peer.framing().ok_or(ErrorReason::ConnectionFailed)?;
    meter.count_connection();
    let frames = Rc::new(RefCell::new(Frames::default()));
    let counted = CountedFrames { stream, frames: Rc::clone(&frames), meter: Arc::clone(meter) };
    let made = connection.within_deadline(builder().handshake(counted)).await?;
    let (requests, driven) = made.map_err(|error| reason::of(&error, frames.borrow().reason))?;
    let is_over = Rc::new(Cell::new(false));
    let has_begun = Rc::default();
    let (ended, awaited) = (Rc::clone(&is_over), Rc::clone(&has_begun));
    tokio::task::spawn_local(async move {
        // Its errors reach those who wait for responses.
        let _ = in_batches(driven, &awaited).await;
        ended.set(true);
    });
    Ok(Open { requests, frames, is_over, has_begun })
}

/// Drives a connection, but steps back as long as exchanges begin: what they send leaves in one write
/// then, and not in one for each of a few. Each has begun only once before the connection goes on, so that
/// it waits for no more of them than there are streams.
async fn in_batches<T>(driven: impl Future<Output = T>, has_begun: &Cell<bool>) -> T {
    let mut driven = pin!(driven);
    poll_fn(|cx| {
        if has_begun.take() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        driven.as_mut().poll(cx)
    })
    .await
}

/// A stream whose frames are counted.
struct CountedFrames {
    stream: PollStream,
    frames: Rc<RefCell<Frames>>,
    meter: Arc<FramingMeter>,
}

impl AsyncRead for CountedFrames {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = space.filled().len();
        let read = self.stream.poll_read(cx, space);
        let counted = self.frames.borrow_mut().read(&space.filled()[before..], &self.meter);
        if counted.is_err() {
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        if let Poll::Ready(Err(error)) = &read {
            let reason = refusal(error).map(refused);
            let known = &mut self.frames.borrow_mut().reason;
            *known = known.or(reason);
        }
        read
    }
}

impl AsyncWrite for CountedFrames {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.stream.poll_write(cx, octets);
        if let Poll::Ready(Ok(count)) = written {
            self.frames.borrow_mut().written(&octets[..count], &self.meter);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_shutdown(cx)
    }
}
