//! The socket below a connection: opened, written and read within the time limit, octets counted.

use std::borrow::Cow;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use measure::ErrorReason;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use wire::dial::DialError;
use wire::tls::{Tls, refusal};

use super::PollConnection;
use super::peer::Peer;
use super::stream::{self, CountedTcp, PollStream, TlsMeter};

impl PollConnection {
    /// Opens a connection unless a usable one is there; returns whether it was there.
    pub(super) async fn ensure_open(&mut self, peer: &Peer) -> Result<bool, ErrorReason> {
        if self.stream.is_some() {
            match self.unexpected_input().await {
                None => return Ok(true),
                Some(0) => self.stream = None,
                Some(_) => return Err(ErrorReason::ExcessBytes),
            }
        }
        let mut reason = ErrorReason::ConnectionFailed;
        for &address in &peer.addresses {
            match self.within_deadline(TcpStream::connect(address)).await? {
                Ok(stream) => {
                    // Without it a request could wait for the acknowledgement of the last one.
                    stream.set_nodelay(true).map_err(|_| ErrorReason::ConnectionFailed)?;
                    self.stream = Some(match &peer.tls {
                        None => PollStream::Plain(stream),
                        Some((tls, meter)) => {
                            self.encrypted(tls, stream, meter, peer.is_http2()).await?
                        }
                    });
                    self.is_cut = false;
                    return Ok(false);
                }
                Err(error) => {
                    reason = match error.kind() {
                        io::ErrorKind::ConnectionRefused => ErrorReason::ConnectionRefused,
                        io::ErrorKind::TimedOut => ErrorReason::TimedOut,
                        _ => ErrorReason::ConnectionFailed,
                    }
                }
            }
        }
        Err(reason)
    }

    /// Makes the handshake. One that fails is the server's answer: no other address is tried.
    async fn encrypted(
        &mut self,
        tls: &Tls,
        stream: TcpStream,
        meter: &Arc<TlsMeter>,
        wants_http2: bool,
    ) -> Result<PollStream, ErrorReason> {
        let ends = stream::ends(&stream);
        let wrapped = self.within_deadline(tls.wrap(CountedTcp::new(stream, meter))).await?;
        match wrapped {
            Ok((_, is_http2)) if is_http2 != wants_http2 => {
                Err(ErrorReason::Http2("the server did not choose it in the handshake (ALPN)"))
            }
            Ok((stream, _)) => Ok(PollStream::encrypted(stream, ends, meter)),
            Err(DialError::Tls(reason)) => Err(refused(reason)),
            Err(DialError::Unreachable(_)) => Err(ErrorReason::ConnectionFailed),
        }
    }

    pub(super) async fn write_all(&mut self, mut request: &[u8]) -> Result<(), ErrorReason> {
        while !request.is_empty() {
            let n = poll_fn(|cx| {
                let Some(stream) = &mut self.stream else {
                    return Poll::Ready(Err(ErrorReason::ClosedWithoutResponse));
                };
                if let Poll::Ready(written) = stream.poll_write(cx, request) {
                    return Poll::Ready(written.map_err(|error| closed(&error)));
                }
                ready!(self.poll_deadline(cx));
                Poll::Ready(Err(ErrorReason::TimedOut))
            })
            .await?;
            self.written += n as u64;
            request = &request[n..];
        }
        match &self.stream {
            Some(PollStream::Tls(_)) => self.flush().await,
            _ => Ok(()),
        }
    }

    async fn flush(&mut self) -> Result<(), ErrorReason> {
        poll_fn(|cx| {
            let flushed = self.stream.as_mut().map(|stream| stream.poll_flush(cx));
            if let Some(Poll::Ready(result)) = flushed {
                return Poll::Ready(result.map_err(|error| closed(&error)));
            }
            ready!(self.poll_deadline(cx));
            Poll::Ready(Err(ErrorReason::TimedOut))
        })
        .await
    }

    /// Reads more bytes behind those already in the buffer; 0 at the end of the connection.
    pub(super) async fn read_more(&mut self) -> Result<usize, ErrorReason> {
        let n = poll_fn(|cx| {
            let Some(stream) = &mut self.stream else {
                return Poll::Ready(Ok(0));
            };
            let end = self.buffer.len().min(self.filled.saturating_add(self.most_per_read));
            let mut space = ReadBuf::new(&mut self.buffer[self.filled..end]);
            match stream.poll_read(cx, &mut space) {
                Poll::Ready(Ok(())) => return Poll::Ready(Ok(space.filled().len())),
                // A reset is an end as well: what came before it decides.
                Poll::Ready(Err(error)) => {
                    self.is_cut = matches!(stream, PollStream::Tls(_));
                    return Poll::Ready(refusal(&error).map_or(Ok(0), |why| Err(refused(why))));
                }
                Poll::Pending => {}
            }
            ready!(self.poll_deadline(cx));
            Poll::Ready(Err(ErrorReason::TimedOut))
        })
        .await?;
        // The log shows the bytes in the order in which they came, before anything reads them.
        if let Some(tap) = &mut self.tap {
            tap.received(&self.buffer[self.filled..self.filled + n]);
        }
        self.filled += n;
        self.read += n as u64;
        Ok(n)
    }

    /// Bytes that came, or the end (0), while no response was due. No system call when idle.
    async fn unexpected_input(&mut self) -> Option<usize> {
        let stream = match self.stream.as_mut()? {
            PollStream::Plain(stream) => stream,
            encrypted @ PollStream::Tls(_) => {
                // Tickets are no response: TLS keeps them to itself.
                let mut space = ReadBuf::new(&mut self.buffer);
                let read = poll_fn(|cx| Poll::Ready(encrypted.poll_read(cx, &mut space))).await;
                let count = space.filled().len();
                self.read += count as u64;
                return read.is_ready().then_some(count);
            }
        };
        // The runtime knows from its last look at the socket whether there is something to read.
        let ready = poll_fn(|cx| Poll::Ready(stream.poll_read_ready(cx).is_ready())).await;
        if !ready {
            return None;
        }
        match stream.try_read(&mut self.buffer[..]) {
            Ok(n) => {
                self.read += n as u64;
                Some(n)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Err(_) => Some(0),
        }
    }

    pub(super) async fn within_deadline<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<T, ErrorReason> {
        let mut work = std::pin::pin!(work);
        // Work that is ready wins over a deadline that has just passed.
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(done));
            }
            ready!(self.poll_deadline(cx));
            Poll::Ready(Err(ErrorReason::TimedOut))
        })
        .await
    }

    /// Ready when the deadline has passed. The timer is set again only when it goes off, not
    /// for every exchange.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if Instant::now() >= self.deadline {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.deadline.into());
        }
    }
}

/// Reason of a request that could not be sent.
fn closed(error: &io::Error) -> ErrorReason {
    refusal(error).map_or(ErrorReason::ClosedWithoutResponse, refused)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_or")]
pub(super) fn refused(reason: Cow<'static, str>) -> ErrorReason {
    match reason {
        Cow::Borrowed(reason) => ErrorReason::Tls(reason),
        // A reason is counted, and so is one of few: what varies is left out.
        Cow::Owned(_) => ErrorReason::Tls("the server refused the handshake"),
    }
}
