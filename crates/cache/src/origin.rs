//! The connection to the origin: kept open, and counted byte by byte.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode, request};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use crate::counts::{Counters, count};

/// Reason for which the origin did not answer.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Longest content that passes through, in bytes; all of it is held in memory.
pub(crate) const MOST_CONTENT_BYTES: u64 = 64 << 20;

#[derive(Debug)]
pub(crate) struct Origin {
    address: SocketAddr,
    counters: Arc<Counters>,
    kept: Mutex<Option<SendRequest<Full<Bytes>>>>,
}

impl Origin {
    pub(crate) fn new(address: SocketAddr, counters: Arc<Counters>) -> Self {
        Self { address, counters, kept: Mutex::default() }
    }

    /// Asks, and counts the answer.
    pub(crate) async fn ask(&self, head: request::Parts) -> Result<Response<Bytes>, Failure> {
        let request = Request::from_parts(head, Full::default());
        // Taken out: an exchange that fails leaves no connection that is in the middle of one.
        let kept = self.kept.lock().await.take().filter(|kept| !kept.is_closed());
        let (connection, response) = match kept {
            // The origin may close a kept connection at any time, also while a request is under way.
            Some(mut kept) => match kept.send_request(request.clone()).await {
                Ok(response) => (kept, response),
                Err(_) => self.ask_anew(request).await?,
            },
            None => self.ask_anew(request).await?,
        };
        let response = whole(response).await?;
        *self.kept.lock().await = Some(connection);
        let is_confirmed = response.status() == StatusCode::NOT_MODIFIED;
        let Counters { revalidated, fetched, .. } = &*self.counters;
        count(if is_confirmed { revalidated } else { fetched });
        Ok(response)
    }

    /// Passes a request on that may not be sent twice: over a connection of its own, which cannot have
    /// been closed for having rested.
    pub(crate) async fn pass(
        &self,
        head: request::Parts,
        content: Bytes,
    ) -> Result<Response<Bytes>, Failure> {
        let request = Request::from_parts(head, Full::new(content));
        let (_connection, response) = self.ask_anew(request).await?;
        whole(response).await
    }

    async fn ask_anew(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(SendRequest<Full<Bytes>>, Response<Incoming>), Failure> {
        let mut connection = self.connect().await?;
        let response = connection.send_request(request).await?;
        Ok((connection, response))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Failure> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let counted = Counted { stream, counters: Arc::clone(&self.counters) };
        let (sender, connection) = handshake(TokioIo::new(counted)).await?;
        // Ends with the sender; its errors reach the caller that waits for a response.
        tokio::spawn(connection);
        Ok(sender)
    }
}

/// The response with its content, which is too long for a cache beyond [`MOST_CONTENT_BYTES`].
async fn whole(response: Response<Incoming>) -> Result<Response<Bytes>, Failure> {
    let (head, body) = response.into_parts();
    let content = Limited::new(body, MOST_CONTENT_BYTES as usize).collect().await?;
    Ok(Response::from_parts(head, content.to_bytes()))
}

/// A stream whose received bytes are counted.
struct Counted {
    stream: TcpStream,
    counters: Arc<Counters>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let received = (buffer.filled().len() - before) as u64;
        self.counters.bytes_from_origin.fetch_add(received, Ordering::Relaxed);
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
