//! Requests over sockets of our own: one exchange at a time, everything bounded.
//!
//! HTTP/1.1 is read by hand, because content in a 304 and what else a library hides is evidence.
//! Decides nothing: `plan` chooses the requests, `findings` judges the responses.

mod dialer;
mod h1;
mod h2;
mod request;
mod route;

use std::path::PathBuf;
use std::time::Duration;

use dialer::Dialer;
use findings::evidence::{
    Connection, Digests, ExchangeFailure, Method, ObservedRequest, ObservedResponse,
};
use wire::coding::{Undecodable, decode_all};
use wire::url::{RequestField, Url};

pub use route::{Invalid, ServerRoute, Via, url};

/// Version of HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProtocolChoice {
    /// HTTP/2 where TLS negotiates it, else HTTP/1.1.
    #[default]
    Negotiated,
    /// HTTP/1.1.
    Http1,
    /// HTTP/2, without TLS by prior knowledge.
    Http2,
}

/// Fields, version, trust and limits of all requests.
#[derive(Clone, Debug)]
pub struct RequestSettings {
    /// Further fields of every request.
    pub fields: Vec<RequestField>,
    /// Version of HTTP.
    pub protocol: ProtocolChoice,
    /// A file with certificates to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Accepts any certificate.
    pub insecure: bool,
    /// Whole time of one exchange, connection included.
    pub timeout: Duration,
    /// Bytes of one content, coded and decoded, beyond which it is not read.
    pub max_content: usize,
}

impl Default for RequestSettings {
    fn default() -> Self {
        Self {
            fields: Vec::new(),
            protocol: ProtocolChoice::Negotiated,
            ca_file: None,
            insecure: false,
            timeout: Duration::from_secs(10),
            max_content: 8 * 1024 * 1024,
        }
    }
}

/// A response whose content is not yet decoded and hashed.
pub(crate) struct RawResponse {
    pub(crate) response: ObservedResponse,
    /// As it travelled; `None` when it was longer than the limit.
    pub(crate) content: Option<Vec<u8>>,
    /// True if the connection can carry another exchange.
    pub(crate) is_reusable: bool,
}

/// A connection that may carry further requests.
pub(crate) enum OpenConnection {
    Http1(h1::Http1),
    Http2(h2::Http2),
}

/// Makes requests to one server.
pub(crate) struct Transport {
    url: Url,
    settings: RequestSettings,
    dialer: Dialer,
    kept: Option<(usize, OpenConnection)>,
}

impl Transport {
    pub(crate) fn new(url: Url, settings: RequestSettings) -> Result<Self, Invalid> {
        let dialer = Dialer::new(&url, &settings)?;
        Ok(Self { url, settings, dialer, kept: None })
    }

    /// Makes one request, with content if it has any, and reads the whole response or why there is
    /// none. The content, decoded, comes beside.
    pub(crate) async fn exchange(
        &mut self,
        (lane, route): (usize, &ServerRoute),
        connection: Connection,
        (asked, content): (&ObservedRequest, Option<Vec<u8>>),
    ) -> (Result<ObservedResponse, ExchangeFailure>, Option<Vec<u8>>) {
        let timeout = self.settings.timeout;
        let raw = self.raw((lane, route), connection, (asked, content));
        let raw = tokio::time::timeout(timeout, raw).await;
        match raw.unwrap_or(Err(ExchangeFailure::TimedOut)) {
            Err(failure) => (Err(failure), None),
            Ok(raw) => {
                let (mut answer, content) = judged(raw, self.settings.max_content);
                if asked.method == Method::Head {
                    // What was not sent has no hash.
                    (answer.content.decoded, answer.content.coded) = (None, None);
                }
                (Ok(answer), content)
            }
        }
    }

    async fn raw(
        &mut self,
        (lane, route): (usize, &ServerRoute),
        connection: Connection,
        (asked, content): (&ObservedRequest, Option<Vec<u8>>),
    ) -> Result<RawResponse, ExchangeFailure> {
        let keep = connection == Connection::Kept;
        let request = request::CheckRequest::new(&self.url, route, &self.settings, asked, keep);
        let request = match content {
            Some(content) => request.with_content(content),
            None => request,
        };
        // Taken out: an exchange that fails leaves no connection in the middle of a response.
        let known = self.kept.take().filter(|(at, _)| keep && *at == lane);
        let mut open = match known {
            Some((_, open)) => open,
            None => self.dialer.open(route).await?,
        };
        let limit = self.settings.max_content;
        let raw = match &mut open {
            OpenConnection::Http1(connection) => connection.exchange(&request, limit).await?,
            OpenConnection::Http2(connection) => connection.exchange(&request, limit).await?,
        };
        if keep && raw.is_reusable {
            self.kept = Some((lane, open));
        }
        Ok(raw)
    }
}

fn judged(raw: RawResponse, limit: usize) -> (ObservedResponse, Option<Vec<u8>>) {
    let RawResponse { mut response, content, .. } = raw;
    let coding = response.fields.list("content-encoding");
    let is_coded = !coding.is_empty() && coding != "identity";
    // Some tags are hashes of the compressed bytes.
    response.content.coded = content.as_deref().filter(|_| is_coded).map(Digests::of);
    let decoded = content.map(|content| decode_all(&coding, content, limit));
    response.content.is_undecodable = matches!(decoded, Some(Err(Undecodable::Damaged)));
    let decoded = decoded.and_then(Result::ok);
    response.content.decoded = decoded.as_deref().map(Digests::of);
    (response, decoded)
}
