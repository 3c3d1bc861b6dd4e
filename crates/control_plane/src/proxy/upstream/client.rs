//! Requests to one server over one kept connection, everything bounded in bytes.
//!
//! Follows no redirects and undoes no content coding: none is asked for. Has no clock; a request
//! that is given up takes its connection with it.

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, HOST,
    TRANSFER_ENCODING, USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::locator::Address;
use super::tls::Tls;
use super::{InvalidUpstream, Settings, UpstreamError};
use text::excerpt;

/// Room for the fields of one response.
const MAX_FIELDS_BYTES: usize = 64 * 1_024;

/// Bytes of a file with a token beyond which it is none.
const MAX_TOKEN_BYTES: usize = 64 * 1_024;

/// What a server answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) fields: HeaderMap,
    pub(super) content: Bytes,
}

/// Makes requests to one server.
pub(super) struct Client {
    address: Address,
    settings: Settings,
    tls: Option<Tls>,
    kept: Option<SendRequest<Full<Bytes>>>,
    connections: u64,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Client {
    pub(super) fn new(address: &Address, settings: &Settings) -> Result<Self, InvalidUpstream> {
        let tls = address.is_tls.then(|| Tls::new(address, settings)).transpose()?;
        Ok(Self {
            address: address.clone(),
            settings: settings.clone(),
            tls,
            kept: None,
            connections: 0,
        })
    }

    /// Connections made so far: as long as it stays the same, the same process has answered.
    pub(super) fn connections(&self) -> u64 {
        self.connections
    }

    /// GET of the address, with further fields.
    pub(super) async fn get(&mut self, fields: HeaderMap) -> Result<Answer, UpstreamError> {
        let path = self.address.path.clone();
        self.send(Method::GET, &path, fields, Bytes::new()).await
    }

    /// POST of JSON to a path of the server.
    pub(super) async fn post(
        &mut self,
        path: &str,
        content: Vec<u8>,
    ) -> Result<Answer, UpstreamError> {
        let mut fields = HeaderMap::new();
        let json = HeaderValue::from_static("application/json");
        fields.insert(http::header::CONTENT_TYPE, json);
        self.send(Method::POST, path, fields, content.into()).await
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        fields: HeaderMap,
        content: Bytes,
    ) -> Result<Answer, UpstreamError> {
        let request = self.request(&method, path, &fields, &content)?;
        // A kept connection may be closed by the other side at any time. Everything that is asked
        // here may be asked twice.
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

    fn request(
        &self,
        method: &Method,
        path: &str,
        fields: &HeaderMap,
        content: &Bytes,
    ) -> Result<Request<Full<Bytes>>, UpstreamError> {
        let mut request = Request::new(Full::new(content.clone()));
        *request.method_mut() = method.clone();
        let unusable = |_| UpstreamError::Malformed("its path cannot be asked for".to_owned());
        *request.uri_mut() = path.parse().map_err(unusable)?;
        let all = request.headers_mut();
        *all = fields.clone();
        let host = HeaderValue::from_str(&self.address.authority);
        all.insert(HOST, host.expect("an authority may stand in a field"));
        all.insert(ACCEPT, HeaderValue::from_static("application/json"));
        all.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let agent = concat!("etag-lab/", env!("CARGO_PKG_VERSION"));
        all.insert(USER_AGENT, HeaderValue::from_static(agent));
        if let Some(token) = self.token()? {
            all.insert(AUTHORIZATION, token);
        }
        for (name, value) in &self.settings.fields {
            all.append(name.clone(), value.clone());
        }
        Ok(request)
    }

    /// A small file on a local disk, as the kubelet keeps it.
    fn token(&self) -> Result<Option<HeaderValue>, UpstreamError> {
        let Some(path) = &self.settings.token_file else { return Ok(None) };
        let name = excerpt(&path.display().to_string());
        let unusable = |why: String| UpstreamError::Unreachable(format!("token `{name}`: {why}"));
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        let token = text.lines().next().unwrap_or_default().trim();
        if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
            return Err(unusable("its first line is no token".to_owned()));
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| unusable("its first line is no token".to_owned()))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    async fn connect(&mut self) -> Result<SendRequest<Full<Bytes>>, UpstreamError> {
        self.connections += 1;
        let stream = dial(&self.address).await?;
        match &self.tls {
            Some(tls) => shake_hands(tls.wrap(stream).await?).await,
            None => shake_hands(stream).await,
        }
    }

    /// Reads the content; keeps the connection once it is complete.
    async fn read(
        &mut self,
        connection: SendRequest<Full<Bytes>>,
        response: Response<Incoming>,
    ) -> Result<Answer, UpstreamError> {
        let (head, mut body) = response.into_parts();
        let limit = self.settings.max_bytes;
        let mut content = Vec::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|error| failure(&error))?.into_data() else { continue };
            if content.len() + data.len() > limit {
                return Err(UpstreamError::Oversize(limit));
            }
            content.extend_from_slice(&data);
        }
        let mut codings = head.headers.get_all(CONTENT_ENCODING).iter();
        let is_coded = codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
        // Of an error only the status is read, however its page is coded.
        if is_coded && head.status == StatusCode::OK {
            let why = "content in a coding that nobody asked for";
            return Err(UpstreamError::Malformed(why.to_owned()));
        }
        self.kept = Some(connection);
        Ok(Answer { status: head.status, fields: head.headers, content: content.into() })
    }
}

async fn dial(address: &Address) -> Result<TcpStream, UpstreamError> {
    let unreachable = |error: &dyn std::fmt::Display| {
        UpstreamError::Unreachable(excerpt(&format!("{}: {error}", address.authority)))
    };
    let stream = TcpStream::connect((address.host.as_str(), address.port)).await;
    let stream = stream.map_err(|error| unreachable(&error))?;
    // Small requests go out at once; a failure to say so costs time only.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

async fn shake_hands(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
) -> Result<SendRequest<Full<Bytes>>, UpstreamError> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_FIELDS_BYTES);
    let shaken = builder.handshake(TokioIo::new(stream)).await;
    let (sender, connection) = shaken.map_err(|error| failure(&error))?;
    // Ends with the sender. What breaks it is told to whoever waits for a response.
    tokio::spawn(connection);
    Ok(sender)
}

/// What was cut or is no HTTP is malformed; what broke is unreachable.
fn failure(error: &hyper::Error) -> UpstreamError {
    let cause = std::error::Error::source(error);
    let text = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
    let text = excerpt(&text);
    if error.is_parse() || error.is_incomplete_message() || cause.is_some_and(is_malformation) {
        UpstreamError::Malformed(text)
    } else {
        UpstreamError::Unreachable(text)
    }
}

/// hyper tells an end before the announced one, and chunks that are none, as errors of reading.
fn is_malformation(cause: &(dyn std::error::Error + 'static)) -> bool {
    use std::io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    let kind = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    matches!(kind, Some(UnexpectedEof | InvalidData | InvalidInput))
}

/// A request field `NAME: VALUE` that may be set from outside.
pub fn field(text: &str) -> Result<(HeaderName, HeaderValue), InvalidUpstream> {
    let invalid = || InvalidUpstream::Field(excerpt(text));
    let (name, value) = text.split_once(':').ok_or_else(invalid)?;
    let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| invalid())?;
    let value = HeaderValue::from_str(value.trim()).map_err(|_| invalid())?;
    // What frames the message, and what makes it conditional, is set by whoever reads the answer.
    let ours = [HOST, CONTENT_LENGTH, TRANSFER_ENCODING, ACCEPT_ENCODING];
    let is_ours = ours.contains(&name) || name.as_str().starts_with("if-");
    let frames = ["connection", "te", "upgrade", "expect", "range"].contains(&name.as_str());
    if is_ours || frames { Err(invalid()) } else { Ok((name, value)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_frame_or_condition_the_request_cannot_be_set() {
        assert!(field("Authorization: Bearer x").is_ok_and(|(name, _)| name == AUTHORIZATION));
        for bad in ["X", "X Y: z", "X: a\nb", "If-None-Match: \"a\"", ": x", "Host: a", "TE: x"] {
            assert!(matches!(field(bad), Err(InvalidUpstream::Field(_))), "{bad}");
        }
    }
}
