//! Streams below a connection: TCP, or TLS over TCP whose octets are counted.
//!
//! What TLS adds is counted below it and not guessed from record sizes: handshakes, tickets and alerts
//! belong to it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use measure::TlsBytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use wire::dial::Stream;

use crate::capture::Ends;

/// Counts of all encrypted connections of one run: octets below TLS and above it.
#[derive(Debug, Default)]
pub(crate) struct TlsMeter {
    handshakes: AtomicU64,
    written: AtomicU64,
    read: AtomicU64,
    plain_written: AtomicU64,
    plain_read: AtomicU64,
}

impl TlsMeter {
    /// Octets beyond those of HTTP.
    pub(crate) fn overhead(&self) -> TlsBytes {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        TlsBytes {
            handshakes: of(&self.handshakes),
            // An abandoned poll may have been taken by TLS and not yet have been sent.
            requests: of(&self.written).saturating_sub(of(&self.plain_written)),
            responses: of(&self.read).saturating_sub(of(&self.plain_read)),
        }
    }
}

fn add(count: &AtomicU64, octets: usize) {
    count.fetch_add(octets as u64, Ordering::Relaxed);
}

/// Stream of one connection.
// An enum and not a boxed trait: polls over plain TCP are to cost what they would without TLS.
pub(crate) enum PollStream {
    Plain(TcpStream),
    Tls(TlsStream),
}

pub(crate) struct TlsStream {
    stream: Box<dyn Stream>,
    ends: Option<Ends>,
    meter: Arc<TlsMeter>,
}

impl std::fmt::Debug for TlsStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsStream").field("ends", &self.ends).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for PollStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PollStream").field("ends", &self.ends()).finish_non_exhaustive()
    }
}

impl PollStream {
    /// A stream after its handshake.
    pub(crate) fn encrypted(
        stream: Box<dyn Stream>,
        ends: Option<Ends>,
        meter: &Arc<TlsMeter>,
    ) -> Self {
        meter.handshakes.fetch_add(1, Ordering::Relaxed);
        Self::Tls(TlsStream { stream, ends, meter: Arc::clone(meter) })
    }

    pub(crate) fn ends(&self) -> Option<Ends> {
        match self {
            Self::Plain(stream) => ends(stream),
            Self::Tls(stream) => stream.ends,
        }
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, octets),
            Self::Tls(stream) => {
                let written = Pin::new(&mut stream.stream).poll_write(cx, octets);
                if let Poll::Ready(Ok(count)) = written {
                    add(&stream.meter.plain_written, count);
                }
                written
            }
        }
    }

    /// Sends what TLS has taken and not sent; TCP holds nothing back.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(_) => Poll::Ready(Ok(())),
            Self::Tls(stream) => Pin::new(&mut stream.stream).poll_flush(cx),
        }
    }

    /// Ends the direction to the server.
    #[cfg(feature = "http2")]
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(&mut stream.stream).poll_shutdown(cx),
        }
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, space),
            Self::Tls(stream) => {
                let before = space.filled().len();
                let read = Pin::new(&mut stream.stream).poll_read(cx, space);
                add(&stream.meter.plain_read, space.filled().len() - before);
                read
            }
        }
    }
}

pub(super) fn ends(stream: &TcpStream) -> Option<Ends> {
    Some((stream.local_addr().ok()?, stream.peer_addr().ok()?))
}

/// TCP below TLS.
pub(super) struct CountedTcp {
    stream: TcpStream,
    meter: Arc<TlsMeter>,
}

impl CountedTcp {
    pub(super) fn new(stream: TcpStream, meter: &Arc<TlsMeter>) -> Self {
        Self { stream, meter: Arc::clone(meter) }
    }

    fn count_written(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(count)) = written {
            add(&self.meter.written, count);
        }
        written
    }
}

impl AsyncRead for CountedTcp {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = space.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, space);
        add(&self.meter.read, space.filled().len() - before);
        read
    }
}

impl AsyncWrite for CountedTcp {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, octets);
        self.count_written(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, octets);
        self.count_written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
