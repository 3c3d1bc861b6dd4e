//! Requests over sockets of our own: one exchange at a time, everything bounded.
//!
//! HTTP/1.1 is read by hand, because content in a 304 and what else a library hides is evidence.
//! Decides nothing: `plan` says what to ask, `findings` what it means.

pub(crate) mod decode;
mod dial;
mod h1;
mod h2;
pub mod proxy;
mod request;
pub mod target;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "transport/no_tls.rs"]
mod tls;

use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use dial::Dialer;
use findings::evidence::{Answer, Asked, Connection, Content, Failure, Fields};
use target::{Route, Target};

pub(crate) use dial::resolve;
pub use target::Invalid;

/// Which version of HTTP to speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/2 where TLS negotiates it, else HTTP/1.1.
    #[default]
    Negotiated,
    /// HTTP/1.1.
    Http1,
    /// HTTP/2, without TLS by prior knowledge.
    Http2,
}

/// How to ask.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Further fields of every request.
    pub fields: Vec<(String, String)>,
    /// Which version of HTTP to speak.
    pub protocol: Protocol,
    /// A file with certificates to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Whether to accept any certificate.
    pub insecure: bool,
    /// Whole time of one exchange, connection included.
    pub timeout: Duration,
    /// Bytes of one content, coded and decoded, beyond which it is not read.
    pub max_content: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            fields: Vec::new(),
            protocol: Protocol::Negotiated,
            ca_file: None,
            insecure: false,
            timeout: Duration::from_secs(10),
            max_content: 8 * 1024 * 1024,
        }
    }
}

/// Any byte stream: TCP, TLS, or TLS through a proxy.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A response before its content is judged.
pub(crate) struct Raw {
    pub(crate) version: &'static str,
    pub(crate) status: u16,
    pub(crate) fields: Fields,
    /// `None` when it was longer than the limit.
    pub(crate) content: Option<Vec<u8>>,
    pub(crate) coded_bytes: u64,
    pub(crate) stray_bytes: u64,
}

/// A connection that may carry further requests.
pub(crate) enum Open {
    Http1(h1::Connection),
    Http2(h2::Connection),
}

/// Makes requests to one target.
pub(crate) struct Transport {
    target: Target,
    settings: Settings,
    dialer: Dialer,
    kept: Option<(usize, Open)>,
}

impl Transport {
    pub(crate) fn new(target: Target, settings: Settings) -> Result<Self, Invalid> {
        let dialer = Dialer::new(&target, &settings)?;
        Ok(Self { target, settings, dialer, kept: None })
    }

    /// Makes one request, and reads the whole response or why there is none. The content, decoded,
    /// comes beside.
    pub(crate) async fn exchange(
        &mut self,
        (lane, route): (usize, &Route),
        connection: Connection,
        asked: &Asked,
    ) -> (Result<Answer, Failure>, Option<Vec<u8>>) {
        let timeout = self.settings.timeout;
        let raw =
            match tokio::time::timeout(timeout, self.raw((lane, route), connection, asked)).await {
                Ok(raw) => raw,
                Err(_) => Err(Failure::TimedOut),
            };
        match raw {
            Err(failure) => {
                self.kept = None;
                (Err(failure), None)
            }
            Ok(raw) => {
                let (answer, content) = judged(raw, self.settings.max_content);
                (Ok(answer), content)
            }
        }
    }

    async fn raw(
        &mut self,
        (lane, route): (usize, &Route),
        connection: Connection,
        asked: &Asked,
    ) -> Result<Raw, Failure> {
        let keep = connection == Connection::Kept;
        let request = request::Request::new(&self.target, route, &self.settings, asked, keep);
        let known = self.kept.take().filter(|(at, _)| keep && *at == lane);
        let mut open = match known {
            Some((_, open)) => open,
            None => self.dialer.open(route).await?,
        };
        let limit = self.settings.max_content;
        let (raw, reusable) = match &mut open {
            Open::Http1(connection) => connection.exchange(&request, limit).await?,
            Open::Http2(connection) => connection.exchange(&request, limit).await?,
        };
        if keep && reusable {
            self.kept = Some((lane, open));
        }
        Ok(raw)
    }
}

fn judged(raw: Raw, limit: usize) -> (Answer, Option<Vec<u8>>) {
    let Raw { version, status, fields, content, coded_bytes, stray_bytes } = raw;
    let coding = fields.list("content-encoding");
    let is_coded = !coding.is_empty() && coding != "identity";
    let coded = content.as_deref().filter(|_| is_coded).map(findings::evidence::Digests::of);
    let decoded = content.and_then(|content| decode::decode(&coding, content, limit));
    let content = Content {
        coded_bytes,
        decoded: decoded.as_deref().map(findings::evidence::Digests::of),
        coded,
        stray_bytes,
    };
    (Answer { version, status, fields, content }, decoded)
}
