//! Client of one JSON API over one kept-alive HTTP/1.1 connection: a request at a time, and the
//! whole response or an error.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use etag_lab_wire::json::{JsonClient, JsonSettings};
//! use etag_lab_wire::url::Url;
//!
//! let url = Url::parse("https://etcd.example:2379/")?;
//! let mut client = JsonClient::new(url, JsonSettings::default())?;
//! let fields = http::HeaderMap::new();
//! let response = client.post("/v3/kv/range", fields, br#"{"key":"YQ=="}"#.to_vec()).await?;
//! # let _ = response; Ok(()) }
//! ```
//!
//! Offers TLS, fields for every request, a bearer token from a file, and limits on size and time.
//! A request that fails on a kept connection is repeated once on a new one, so only requests that
//! may be made twice belong here. Follows no redirects, undoes no content coding, reads no JSON.

use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;

use crate::dial::{DialError, Stream, connect, resolve};
use crate::secret_file;
use crate::tls::{self, InvalidTls, Tls, TlsSettings};
use crate::url::{RequestField, Url};

/// Most bytes of the fields of one response.
const MAX_FIELDS_BYTES: usize = 64 * 1024;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PRODUCT: &str = concat!("etag-lab/", env!("CARGO_PKG_VERSION"));

/// Fields, credentials and limits of all requests.
#[derive(Clone, Debug)]
pub struct JsonSettings {
    /// Further fields of every request.
    pub fields: Vec<RequestField>,
    /// File whose first line is sent as `Authorization: Bearer …`; read again for each request,
    /// because such tokens are replaced while they are in use.
    pub token_file: Option<PathBuf>,
    /// Certificates to trust and to present, read again for each connection; the protocols are set by
    /// the client.
    pub tls: TlsSettings,
    /// Most bytes of one content.
    pub max_bytes: usize,
    /// Time limit of one request, connecting and repeating included.
    pub timeout: Option<Duration>,
}

impl Default for JsonSettings {
    fn default() -> Self {
        Self {
            fields: Vec::new(),
            token_file: None,
            tls: TlsSettings::default(),
            max_bytes: 64 * 1024 * 1024,
            timeout: None,
        }
    }
}

/// A complete response.
#[derive(Clone, Debug)]
pub struct JsonResponse {
    /// Status code, of whatever class.
    pub status: StatusCode,
    /// Field lines.
    pub fields: HeaderMap,
    /// Content, which may be anything at all.
    pub content: Bytes,
}

/// Reason why there is no complete response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// No connection, or one that broke.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// A response that is no HTTP, is cut short, or is in a content coding.
    #[error("malformed: {0}")]
    Malformed(String),
    /// More content than [`JsonSettings::max_bytes`].
    #[error("more than {0} bytes")]
    Oversize(usize),
    /// Not complete within [`JsonSettings::timeout`].
    #[error("no complete response within {0:?}")]
    TimedOut(Duration),
}

impl From<DialError> for JsonError {
    fn from(error: DialError) -> Self {
        Self::Unreachable(error.to_string())
    }
}

/// Makes requests to one server.
pub struct JsonClient {
    url: Url,
    settings: JsonSettings,
    tls: Option<Tls>,
    kept: Option<SendRequest<Full<Bytes>>>,
    connections: u64,
}

impl std::fmt::Debug for JsonClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsonClient").field("url", &self.url).finish_non_exhaustive()
    }
}

impl JsonClient {
    /// A client of the server that a URL names; connects with the first request.
    pub fn new(url: Url, settings: JsonSettings) -> Result<Self, InvalidTls> {
        let mut settings = settings;
        settings.tls.protocols = vec!["http/1.1"];
        let tls = Tls::to(&url, &settings.tls)?;
        Ok(Self { url, settings, tls, kept: None, connections: 0 })
    }

    /// A client of the server at this address, without TLS; `timeout` is for each request.
    pub fn at(address: SocketAddr, timeout: Duration) -> Self {
        let settings = JsonSettings { timeout: Some(timeout), ..JsonSettings::default() };
        let url = Url::parse(&format!("http://{address}/")).expect("an address is an authority");
        Self { url, settings, tls: None, kept: None, connections: 0 }
    }

    /// The server, with the path that it was named with.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Number of connections made. While it stays the same, the same process has answered.
    pub fn connections(&self) -> u64 {
        self.connections
    }

    /// `GET path`, with fields for this request only.
    pub async fn get(&mut self, path: &str, fields: HeaderMap) -> Result<JsonResponse, JsonError> {
        self.send(Method::GET, path, fields, Bytes::new()).await
    }

    /// `POST path` with JSON, with fields for this request only.
    pub async fn post(
        &mut self,
        path: &str,
        mut fields: HeaderMap,
        content: Vec<u8>,
    ) -> Result<JsonResponse, JsonError> {
        fields.insert(CONTENT_TYPE, JSON);
        self.send(Method::POST, path, fields, content.into()).await
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        fields: HeaderMap,
        content: Bytes,
    ) -> Result<JsonResponse, JsonError> {
        let mut request = Request::new(Full::new(content));
        *request.method_mut() = method;
        let unusable = |_| JsonError::Malformed("its path cannot be asked for".to_owned());
        *request.uri_mut() = path.parse().map_err(unusable)?;
        *request.headers_mut() = fields;
        self.write_own_fields(request.headers_mut()).await?;
        let Some(limit) = self.settings.timeout else { return self.exchange(request).await };
        // The connection was taken out: an exchange that is given up leaves none behind that is in
        // the middle of a response.
        let response = tokio::time::timeout(limit, self.exchange(request)).await;
        response.map_err(|_elapsed| JsonError::TimedOut(limit))?
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<JsonResponse, JsonError> {
        // The server may close a kept connection at any time, also while the request is under way.
        if let Some(mut kept) = self.kept.take().filter(|kept| !kept.is_closed())
            && kept.ready().await.is_ok()
            && let Ok(response) = kept.send_request(request.clone()).await
        {
            return self.read(kept, response).await;
        }
        let mut fresh = self.connect().await?;
        let response = fresh.send_request(request).await.map_err(|error| failure(&error))?;
        self.read(fresh, response).await
    }

    /// Adds the client's own fields to those of a request, which may not replace them.
    async fn write_own_fields(&self, all: &mut HeaderMap) -> Result<(), JsonError> {
        let host = HeaderValue::from_str(&self.url.authority);
        all.insert(HOST, host.expect("an authority is printable ASCII"));
        all.insert(ACCEPT, JSON);
        all.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        all.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
        if let Some(path) = &self.settings.token_file {
            let path = path.clone();
            // A disk that hangs holds this request up, and nothing else.
            let read = tokio::task::spawn_blocking(move || bearer(&path)).await;
            let token = read.unwrap_or_else(|error| Err(error.to_string()));
            all.insert(AUTHORIZATION, token.map_err(JsonError::Unreachable)?);
        }
        for (name, value) in &self.settings.fields {
            all.append(name.clone(), value.clone());
        }
        Ok(())
    }

    async fn connect(&mut self) -> Result<SendRequest<Full<Bytes>>, JsonError> {
        self.connections += 1;
        self.renew_tls().await;
        let stream = connect(&resolve(&self.url.host, self.url.port).await?).await?;
        let stream: Box<dyn Stream> = match &self.tls {
            Some(tls) => tls.wrap(stream).await?.0,
            None => Box::new(stream),
        };
        let mut protocol = http1::Builder::new();
        let protocol = protocol.max_buf_size(MAX_FIELDS_BYTES);
        let opened = protocol.handshake(TokioIo::new(stream)).await;
        let (sender, connection) = opened.map_err(|error| failure(&error))?;
        // The task ends with the sender; its errors reach the caller that waits for a response.
        tokio::spawn(connection);
        Ok(sender)
    }

    /// Reads the files of certificates again: they are replaced while they are in use. Those that are
    /// no good leave what was read before.
    async fn renew_tls(&mut self) {
        let TlsSettings { ca_file, identity, .. } = &self.settings.tls;
        if self.tls.is_none() || (ca_file.is_none() && identity.is_none()) {
            return;
        }
        let (url, settings) = (self.url.clone(), self.settings.tls.clone());
        let read = tokio::task::spawn_blocking(move || Tls::to(&url, &settings)).await;
        if let Ok(Ok(tls)) = read {
            self.tls = tls;
        }
    }

    /// Reads the content; keeps the connection once it is complete.
    async fn read(
        &mut self,
        connection: SendRequest<Full<Bytes>>,
        response: Response<Incoming>,
    ) -> Result<JsonResponse, JsonError> {
        let (head, mut body) = response.into_parts();
        let limit = self.settings.max_bytes;
        let mut content = Vec::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|error| failure(&error))?.into_data() else { continue };
            // The connection goes with the error: the rest would still have to be read off it.
            if content.len() + data.len() > limit {
                return Err(JsonError::Oversize(limit));
            }
            content.extend_from_slice(&data);
        }
        let mut codings = head.headers.get_all(CONTENT_ENCODING).iter();
        let is_coded = codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
        // Of an error only the status is read, however its page is coded.
        if is_coded && head.status == StatusCode::OK {
            return Err(JsonError::Malformed("content in a coding that nobody asked for".into()));
        }
        self.kept = Some(connection);
        Ok(JsonResponse { status: head.status, fields: head.headers, content: content.into() })
    }
}

/// The bearer token in a file, in a field; an error says what is wrong with the file. Blocks on it.
fn bearer(path: &Path) -> Result<HeaderValue, String> {
    let token =
        secret_file::token(path).map_err(|why| format!("token `{}`: {why}", path.display()))?;
    let value = HeaderValue::from_str(&format!("Bearer {}", token.reveal()));
    let mut value = value.expect("a token is printable ASCII");
    value.set_sensitive(true);
    Ok(value)
}

/// An exchange that failed: what was cut or is no HTTP is malformed; what broke is unreachable.
fn failure(error: &hyper::Error) -> JsonError {
    let cause = std::error::Error::source(error);
    let text = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
    // hyper reports an early end, and malformed chunks, as I/O errors.
    let io: Option<&std::io::Error> = cause.and_then(|cause| cause.downcast_ref());
    // A server that refuses the client's certificate says so when the first request is under way.
    if let Some(why) = io.and_then(tls::refusal) {
        return JsonError::Unreachable(format!("TLS: {why}"));
    }
    let kind = io.map(std::io::Error::kind);
    let is_malformation = matches!(kind, Some(UnexpectedEof | InvalidData | InvalidInput));
    if error.is_parse() || error.is_incomplete_message() || is_malformation {
        JsonError::Malformed(text)
    } else {
        JsonError::Unreachable(text)
    }
}
