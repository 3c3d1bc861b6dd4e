//! One kept-alive HTTP/1.1 connection to one server: a request at a time, the whole answer.
//!
//! What fails on a kept connection is asked once more on a fresh one, so every request must be one
//! that may be made twice. No TLS, no redirects, no cache.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use thiserror::Error;
use tokio::net::TcpStream;

/// Most bytes of an answer.
const LONGEST_ANSWER: usize = 64 << 20;

/// A client of one server.
#[derive(Debug)]
pub struct HttpClient {
    address: SocketAddr,
    timeout: Duration,
    connection: Option<SendRequest<Full<Bytes>>>,
}

/// Why there was no whole answer.
#[derive(Debug, Error)]
pub enum HttpError {
    /// Nobody accepts.
    #[error("cannot connect to {0}: {1}")]
    Connect(SocketAddr, std::io::Error),
    /// The answer took too long.
    #[error("no answer from {0} within {1:?}")]
    Timeout(SocketAddr, Duration),
    /// The exchange broke.
    #[error("the answer of {0} broke off: {1}")]
    Broken(SocketAddr, String),
}

impl HttpClient {
    /// Connects with the first request.
    pub fn new(address: SocketAddr, timeout: Duration) -> Self {
        Self { address, timeout, connection: None }
    }

    /// The server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `GET path`.
    pub async fn get(&mut self, path: &str) -> Result<(StatusCode, Bytes), HttpError> {
        self.ask(Method::GET, path, Bytes::new()).await
    }

    /// `POST path` with JSON.
    pub async fn post(
        &mut self,
        path: &str,
        content: Vec<u8>,
    ) -> Result<(StatusCode, Bytes), HttpError> {
        self.ask(Method::POST, path, content.into()).await
    }

    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        content: Bytes,
    ) -> Result<(StatusCode, Bytes), HttpError> {
        let limit = self.timeout;
        // Taken out: an exchange that is given up leaves no connection in the middle of an answer.
        let kept = self.connection.take();
        let exchange = async {
            // The server may have closed it, and then the request has not been heard.
            if let Some(mut kept) = kept
                && kept.ready().await.is_ok()
                && let Ok(answer) =
                    self.exchange(&mut kept, method.clone(), path, content.clone()).await
            {
                return Ok((answer, kept));
            }
            let mut fresh = self.connect().await?;
            let answer = self.exchange(&mut fresh, method, path, content).await?;
            Ok((answer, fresh))
        };
        let (answer, connection) = tokio::time::timeout(limit, exchange)
            .await
            .map_err(|_elapsed| HttpError::Timeout(self.address, limit))??;
        self.connection = Some(connection);
        Ok(answer)
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, HttpError> {
        let stream = TcpStream::connect(self.address)
            .await
            .map_err(|error| HttpError::Connect(self.address, error))?;
        // Without it a request in two segments waits for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| self.broken(&error))?;
        // It ends with the sender; what went wrong is told to whoever waits for the answer.
        tokio::spawn(async move { connection.await.unwrap_or_default() });
        Ok(sender)
    }

    async fn exchange(
        &self,
        connection: &mut SendRequest<Full<Bytes>>,
        method: Method,
        path: &str,
        content: Bytes,
    ) -> Result<(StatusCode, Bytes), HttpError> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(http::header::HOST, self.address.to_string())
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(Full::new(content))
            .map_err(|error| self.broken(&error))?;
        let response =
            connection.send_request(request).await.map_err(|error| self.broken(&error))?;
        let status = response.status();
        let content = Limited::new(response.into_body(), LONGEST_ANSWER);
        let content = content.collect().await.map_err(|error| self.broken(&error))?;
        Ok((status, content.to_bytes()))
    }

    fn broken(&self, error: &dyn std::fmt::Display) -> HttpError {
        HttpError::Broken(self.address, error.to_string())
    }
}
