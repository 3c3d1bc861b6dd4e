//! A stream that replays octets which were read already, so that hyper can take a connection over.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The connection as if nothing had been read.
pub(crate) struct Rewound<S> {
    stream: S,
    /// Octets read before, from the next one on; given up at their end.
    read: Vec<u8>,
    next: usize,
}

impl<S> Rewound<S> {
    pub(crate) fn new(stream: S, read: Vec<u8>) -> Self {
        Self { stream, read, next: 0 }
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut S>
    where
        S: Unpin,
    {
        Pin::new(&mut self.get_mut().stream)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewound<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &self.read[self.next..];
        if rest.is_empty() {
            return self.stream().poll_read(cx, buf);
        }
        let count = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..count]);
        self.next += count;
        if self.next == self.read.len() {
            (self.read, self.next) = (Vec::new(), 0);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewound<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream().poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;

    #[tokio::test]
    async fn what_was_read_comes_before_what_was_not() -> io::Result<()> {
        let mut rewound = Rewound::new(&b" and after"[..], b"before".to_vec());
        let mut first = [0; 4];
        rewound.read_exact(&mut first).await?;
        let mut rest = String::new();
        rewound.read_to_string(&mut rest).await?;
        assert_eq!((&first, rest.as_str()), (b"befo", "re and after"));
        Ok(())
    }
}
