//! Target of the polls: an address to connect to and the requests that go there.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use http::header::{HOST, USER_AGENT};
use text::secret::{Secret, masked, masked_url};
use thiserror::Error;
use wire::dial::{self, DialError};
use wire::tls::{InvalidTls, Tls, TlsSettings};
use wire::url::{FixedAddress, InvalidUrl, RequestField, Url};

use crate::connection::{Peer, Verb};
use crate::holdings::Holdings;
use crate::origin::Origins;
use crate::response::PollResponse;

/// One server, and the resources on it that clients poll: each client one of them, in turn.
#[derive(Clone, Debug)]
pub struct PollTarget {
    addresses: Vec<SocketAddr>,
    tls: Option<Arc<Tls>>,
    http2_streams: Option<NonZeroU32>,
    /// Paths with their queries; at least one.
    paths: Vec<Box<str>>,
    fields: Secret,
    /// Field lines of which each client sends one, in turn; empty ones send nothing.
    accept_encoding: Vec<Vec<u8>>,
    origins: Origins,
    /// What replicas hold that do not say so.
    holdings: Option<Arc<Holdings>>,
}

/// Ways to a server that its URL does not tell.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Addresses to take for hosts and ports in place of what the resolver says.
    pub resolve: Vec<FixedAddress>,
    /// Certificates to trust and to present; the protocols are chosen here.
    pub tls: TlsSettings,
    /// Polls in flight at most on each connection over HTTP/2, chosen by ALPN or, without TLS, by prior
    /// knowledge (RFC 9113 §3); `None` for HTTP/1.1.
    pub http2_streams: Option<NonZeroU32>,
}

/// Value from the user that cannot be polled; messages name it, with credentials masked.
#[derive(Debug, Error)]
pub enum InvalidTarget {
    /// Not a URL, or one without a host.
    #[error("`{0}` is not an absolute URL such as http://127.0.0.1:9000/api/config")]
    NotAbsolute(String),
    /// A scheme that is not HTTP's.
    #[error("`{0}` has the scheme `{1}`: polls go over http:// or https://")]
    Scheme(String, String),
    /// Another URL that is not asked.
    #[error("`{0}` is not a URL that can be polled: {1}")]
    Url(String, InvalidUrl),
    /// TLS that cannot be set up.
    #[error("`{0}` cannot be polled: {1}")]
    Tls(String, InvalidTls),
    /// This program was built without HTTP/2.
    #[error("this program was built without HTTP/2")]
    Http2,
    /// A name without address.
    #[error("cannot resolve {0}")]
    Unresolved(DialError),
    /// Not the path of a resource.
    #[error("`{0}` is not a path such as /api/config")]
    Path(String),
    /// A value of Accept-Encoding that would break the request.
    #[error("`{0}` is not a list of content codings such as `gzip, br;q=0.5`")]
    Codings(String),
}

impl PollTarget {
    /// Resolves an `http://` or `https://` URL; `fields` are further request fields, of which `Host`
    /// and `User-Agent` replace the clients' own. Reads the files of certificates.
    pub async fn resolve(
        url: &str,
        fields: &[RequestField],
        access: &Access,
    ) -> Result<Self, InvalidTarget> {
        let shown = masked_url(url);
        let parsed = Url::parse(url).map_err(|error| unusable(shown.clone(), error));
        let url = parsed?;
        if access.http2_streams.is_some() && !cfg!(feature = "http2") {
            return Err(InvalidTarget::Http2);
        }
        let protocol = if access.http2_streams.is_some() { "h2" } else { "http/1.1" };
        let settings = TlsSettings { protocols: vec![protocol], ..access.tls.clone() };
        let tls = Tls::to(&url, &settings).map_err(|error| InvalidTarget::Tls(shown, error))?;
        let fixed = access.resolve.iter().find_map(|fixed| fixed.address_for(&url));
        let Url { host, port, authority, path, .. } = url;
        let addresses = match fixed {
            Some(address) => vec![address],
            None => dial::resolve(&host, port).await.map_err(InvalidTarget::Unresolved)?,
        };
        Ok(Self {
            addresses,
            tls: tls.map(Arc::new),
            http2_streams: access.http2_streams,
            paths: vec![path.as_str().into()],
            fields: shared_fields(&authority, fields),
            accept_encoding: Vec::new(),
            origins: Origins::default(),
            holdings: None,
        })
    }

    /// A resource on a known address; the address is also the Host.
    pub fn new(address: SocketAddr, path: &str) -> Self {
        let fields = shared_fields(&address.to_string(), &[]);
        let paths = vec![path.into()];
        let (addresses, accept_encoding) = (vec![address], Vec::new());
        let origins = Origins::default();
        Self {
            addresses,
            tls: None,
            http2_streams: None,
            paths,
            fields,
            accept_encoding,
            origins,
            holdings: None,
        }
    }

    /// Adds resources on the same server, by path and query: client `k` polls number
    /// `k % resources`, where the one there was before has number 0.
    pub fn and_paths<S: AsRef<str>>(mut self, paths: &[S]) -> Result<Self, InvalidTarget> {
        for path in paths.iter().map(AsRef::as_ref) {
            let parsed = http::uri::PathAndQuery::try_from(path).ok();
            let valid = parsed.filter(|_| path.starts_with('/'));
            let valid = valid.ok_or_else(|| InvalidTarget::Path(masked(path)))?;
            self.paths.push(valid.as_str().into());
        }
        Ok(self)
    }

    /// Adds the fields that describe the clients.
    pub fn sending(mut self, fields: &ClientFields) -> Result<Self, InvalidTarget> {
        let ClientFields { accept_encoding, origin } = fields;
        self.origins = Origins::new(origin);
        let lines = accept_encoding.iter().map(|entry| accept_encoding_line(entry));
        self.accept_encoding = lines.collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Takes what replicas hold from here, where they do not say so themselves.
    #[must_use]
    pub fn knowing(self, holdings: Option<Arc<Holdings>>) -> Self {
        Self { holdings, ..self }
    }

    /// A response with what its replica is known to hold, where it declares nothing.
    pub(crate) fn completed<'a>(&self, mut response: PollResponse<'a>) -> PollResponse<'a> {
        if let (Some(holdings), Some(declaration)) = (&self.holdings, &mut response.declaration)
            && declaration.content.is_none()
        {
            match response.status {
                200 => holdings.sent(declaration.replica, response.content),
                304 => declaration.content = holdings.held(declaration.replica),
                _ => {}
            }
        }
        response
    }

    pub(crate) fn accept_encoding(&self, client: u32) -> &[u8] {
        match self.accept_encoding.as_slice() {
            [] => &[],
            entries => &entries[client as usize % entries.len()],
        }
    }

    pub(crate) fn origins(&self) -> &Origins {
        &self.origins
    }

    /// Reports whether polls are encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    pub(crate) fn peer(&self) -> Peer {
        Peer::new(self.addresses.clone(), self.tls.clone(), self.http2_streams)
    }

    pub(crate) fn resource(&self, client: u32) -> u32 {
        match self.paths.len() {
            1 => 0,
            several => (client as usize % several) as u32,
        }
    }

    pub(crate) fn write_request_line(&self, verb: Verb, resource: u32, out: &mut Vec<u8>) {
        let path = &self.paths[resource as usize];
        for part in [verb.name(), " ", path, " HTTP/1.1\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
    }

    pub(crate) fn fields(&self) -> &[u8] {
        self.fields.reveal().as_bytes()
    }
}

fn unusable(url: String, error: InvalidUrl) -> InvalidTarget {
    match error {
        InvalidUrl::NotAbsolute => InvalidTarget::NotAbsolute(url),
        InvalidUrl::Scheme(scheme) => InvalidTarget::Scheme(url, scheme),
        error => InvalidTarget::Url(url, error),
    }
}

/// Request fields that describe the clients, whatever they poll.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientFields {
    /// `Accept-Encoding`: client `k` sends the entry `k % entries`; one that is empty, or
    /// `identity` alone, sends no such field.
    pub accept_encoding: Vec<String>,
    /// `Origin` of scripts: client `k` sends the entry `k % entries`, and reads what that origin may.
    /// Empty for clients that are no scripts.
    pub origin: Vec<String>,
}

fn accept_encoding_line(entry: &str) -> Result<Vec<u8>, InvalidTarget> {
    let value = entry.trim();
    // Letters, digits and the marks of names and weights (RFC 9110 §12.5.3), and no other byte.
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"*-_.;=, ".contains(&byte);
    if !value.bytes().all(allowed) {
        return Err(InvalidTarget::Codings(entry.to_owned()));
    }
    if value.is_empty() || value.eq_ignore_ascii_case("identity") {
        return Ok(Vec::new());
    }
    Ok(format!("accept-encoding: {value}\r\n").into_bytes())
}

fn shared_fields(host: &str, fields: &[RequestField]) -> Secret {
    let agent = concat!("etag-lab/", env!("CARGO_PKG_VERSION"));
    let own = [(HOST, host), (USER_AGENT, agent)];
    let own = own.into_iter().filter(|(name, _)| fields.iter().all(|(given, _)| given != name));
    let own = own.map(|(name, value)| format!("{name}: {value}\r\n"));
    let given = fields.iter().map(|(name, value)| {
        format!("{name}: {}\r\n", value.to_str().expect("fields are printable ASCII"))
    });
    own.chain(given).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(entries: &[String]) -> ClientFields {
        ClientFields { accept_encoding: entries.to_vec(), ..ClientFields::default() }
    }

    async fn check(url: &str, expected: &str) {
        let start = match PollTarget::resolve(url, &[], &Access::default()).await {
            Ok(target) => {
                let mut start = Vec::new();
                target.write_request_line(Verb::Get, 0, &mut start);
                start.extend_from_slice(target.fields());
                String::from_utf8_lossy(&start).into_owned()
            }
            Err(error) => error.to_string(),
        };
        assert!(start.starts_with(expected), "{url}: {start}");
    }

    #[tokio::test]
    async fn urls_become_origin_form_and_host() {
        check("http://127.0.0.1:9000/a?b=c", "GET /a?b=c HTTP/1.1\r\nhost: 127.0.0.1:9000\r\n")
            .await;
        check("http://127.0.0.1:", "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n").await;
        check("http://[::1]:80/", "GET / HTTP/1.1\r\nhost: [::1]:80\r\n").await;
    }

    #[tokio::test]
    async fn other_schemes_relative_references_and_credentials_are_refused() {
        check("ftp://127.0.0.1/", "`ftp://127.0.0.1/` has the scheme `ftp`").await;
        check("/api/config", "`/api/config` is not an absolute URL").await;
        check("127.0.0.1:9000", "`127.0.0.1:9000` is not an absolute URL").await;
        let refused = "`http://…@h/` is not a URL that can be polled: credentials in it are not";
        check("http://u:p@h/", refused).await;
    }

    #[test]
    fn clients_take_turns_in_what_they_accept() {
        let target = PollTarget::new(([127, 0, 0, 1], 9000).into(), "/");
        let entries = ["gzip", "identity", "", "br;q=0.5, *"].map(str::to_owned);
        let target = target.sending(&accepting(&entries)).expect("codings");
        let lines: Vec<_> = (0..5).map(|client| target.accept_encoding(client)).collect();
        let gzip = b"accept-encoding: gzip\r\n".as_slice();
        assert_eq!(lines, [gzip, b"", b"", b"accept-encoding: br;q=0.5, *\r\n", gzip]);
        let split = ["gzip\r\nx: y".to_owned()];
        assert!(matches!(target.sending(&accepting(&split)), Err(InvalidTarget::Codings(_))));
    }

    #[test]
    fn clients_take_turns_in_what_they_poll() {
        let target = PollTarget::new(([127, 0, 0, 1], 9000).into(), "/a");
        let target = target.and_paths(&["/b?c=d", "/e"]).expect("paths");
        let resources: Vec<_> = (0..5).map(|client| target.resource(client)).collect();
        assert_eq!(resources, [0, 1, 2, 0, 1]);
        let mut line = Vec::new();
        target.write_request_line(Verb::Put, 1, &mut line);
        assert_eq!(line, b"PUT /b?c=d HTTP/1.1\r\n");
    }

    #[test]
    fn a_path_that_is_none_is_refused() {
        for path in ["", "b", "http://other/b", "/a b", "/a\r\nx: y", "/\u{1b}"] {
            let target = PollTarget::new(([127, 0, 0, 1], 9000).into(), "/a");
            let refused = matches!(target.and_paths(&[path]), Err(InvalidTarget::Path(_)));
            assert!(refused, "{path:?}");
        }
    }

    #[test]
    fn a_host_and_an_agent_of_the_users_replace_ours() {
        let field = |text| wire::url::request_field(text, &[]).expect("a field");
        let fields = shared_fields("a", &[field("Host: b"), field("X: y")]);
        let agent = concat!("user-agent: etag-lab/", env!("CARGO_PKG_VERSION"));
        assert_eq!(fields.reveal(), format!("{agent}\r\nhost: b\r\nx: y\r\n"));
        let fields = shared_fields("a", &[field("User-Agent: me")]);
        assert_eq!(fields.reveal(), "host: a\r\nuser-agent: me\r\n");
    }
}
