//! A connection that hyper takes over from the fast lane: what was read before is read again, and a
//! request target that is too long is told from fields that are (RFC 9110 §15.5.15).
//!
//! hyper says 431 to everything that does not fit into its buffer. Only whoever sees the bytes knows
//! that the request line has not ended yet, and that 414 is due.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::progress::Progress;

const FIELDS_TOO_LARGE: &[u8] = b"HTTP/1.1 431 Request Header Fields Too Large\r\n";
const TARGET_TOO_LONG: &[u8] = b"HTTP/1.1 414 URI Too Long\r\n";

/// A connection on which 431 becomes 414 as long as no line has ended since the last response.
pub(crate) struct TakenOver<S> {
    stream: S,
    /// Octets that were read before; gives its room up as it is read to its end.
    received: Bytes,
    has_ended_line: bool,
    /// Rest of the status line that takes the place of hyper's.
    replacement: &'static [u8],
    progress: Arc<Progress>,
}

impl<S> TakenOver<S> {
    pub(crate) fn new(stream: S, received: Vec<u8>, progress: Arc<Progress>) -> Self {
        let received = received.into();
        Self { stream, received, has_ended_line: false, replacement: b"", progress }
    }

    /// Notes what was written.
    fn sent(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = written {
            self.progress.sent(bytes);
        }
        written
    }
}

impl<S: AsyncWrite + Unpin> TakenOver<S> {
    fn must_replace(&mut self, response: &[u8]) -> bool {
        if self.replacement.is_empty()
            && !self.has_ended_line
            && response.starts_with(FIELDS_TOO_LARGE)
        {
            self.replacement = TARGET_TOO_LONG;
        }
        !self.replacement.is_empty()
    }

    /// Writes the other status line whole, and reports hyper's as written.
    fn replace(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        while !self.replacement.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, self.replacement))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.replacement = &self.replacement[written..];
        }
        self.has_ended_line = true;
        Poll::Ready(Ok(FIELDS_TOO_LARGE.len()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TakenOver<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        if self.received.is_empty() {
            ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
            self.progress.received(buf.filled().len() - before);
        } else {
            let count = self.received.len().min(buf.remaining());
            buf.put_slice(&self.received.split_to(count));
        }
        self.has_ended_line |= buf.filled()[before..].contains(&b'\n');
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TakenOver<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.must_replace(buf) {
            return self.replace(cx);
        }
        self.has_ended_line = false;
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.sent(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if bufs.first().is_some_and(|first| self.must_replace(first)) {
            return self.replace(cx);
        }
        self.has_ended_line = false;
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.sent(written)
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    /// Octets that the client sees after it sent `request` and the server wrote `response`.
    async fn seen(request: &[u8], response: &[u8]) -> io::Result<Vec<u8>> {
        // So narrow that the replacement takes several writes.
        let (mut client, server) = duplex(16);
        let mut server = TakenOver::new(server, Vec::new(), Arc::default());
        let exchange = async {
            let mut read = vec![0; request.len()];
            server.read_exact(&mut read).await?;
            server.write_all(response).await?;
            server.shutdown().await
        };
        let asked = async {
            client.write_all(request).await?;
            let mut seen = Vec::new();
            client.read_to_end(&mut seen).await?;
            Ok(seen)
        };
        let (ended, seen) = tokio::join!(exchange, asked);
        ended.and(seen)
    }

    #[tokio::test]
    async fn only_a_431_before_the_end_of_the_request_line_becomes_a_414() -> io::Result<()> {
        let too_large = [FIELDS_TOO_LARGE, b"date: x\r\n\r\n"].concat();
        let too_long = [TARGET_TOO_LONG, b"date: x\r\n\r\n"].concat();
        let ok = b"HTTP/1.1 200 OK\r\n\r\n";
        assert_eq!(seen(b"GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &too_large).await?, too_long);
        assert_eq!(seen(b"GET / HTTP/1.1\r\nx: yyyyyyyyyyyyyy", &too_large).await?, too_large);
        assert_eq!(seen(b"GET / HTTP/1.1\r\n\r\n", ok).await?, ok);
        Ok(())
    }

    #[tokio::test]
    async fn what_was_read_comes_before_what_was_not() -> io::Result<()> {
        let mut stream = TakenOver::new(&b" and after"[..], b"before".to_vec(), Arc::default());
        let mut first = [0; 4];
        stream.read_exact(&mut first).await?;
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await?;
        assert_eq!((&first, rest.as_str()), (b"befo", "re and after"));
        Ok(())
    }
}
