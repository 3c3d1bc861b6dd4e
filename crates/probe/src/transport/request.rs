//! One request in the two versions of HTTP.
//! Knows no connection.

use super::RequestSettings;
use super::route::{ServerRoute, Via};
use findings::evidence::{Method, ObservedRequest};
use wire::url::Url;

// Whoever reads the logs of the server sees who asked so often, and that nothing was changed.
const READING: &str = concat!("etag-lab/", env!("CARGO_PKG_VERSION"), " (check; reads only)");
const WRITING: &str = concat!("etag-lab/", env!("CARGO_PKG_VERSION"), " (check --write)");

/// A request.
#[derive(Default)]
pub(crate) struct CheckRequest {
    /// Fields in their order, names in lower case, without `Host` and `Connection`.
    fields: Vec<(String, Vec<u8>)>,
    method: &'static str,
    authority: String,
    scheme: &'static str,
    path: String,
    /// True if a proxy gets the whole URL.
    absolute: bool,
    keep: bool,
    /// Content of a `PUT`; `None` of the other methods.
    content: Option<Vec<u8>>,
}

impl CheckRequest {
    pub(crate) fn new(
        url: &Url,
        route: &ServerRoute,
        settings: &RequestSettings,
        asked: &ObservedRequest,
        keep: bool,
    ) -> Self {
        let agent = if asked.method == Method::Put { WRITING } else { READING };
        let mut fields: Vec<(String, Vec<u8>)> =
            vec![("user-agent".into(), agent.into()), ("accept".into(), "*/*".into())];
        // The user's fields replace our own of the same name.
        for (name, value) in &settings.fields {
            fields.retain(|(known, _)| known != name.as_str());
            fields.push((name.to_string(), value.as_bytes().to_vec()));
        }
        // What this request varies replaces both.
        for (name, value) in asked.fields.iter() {
            fields.retain(|(known, _)| known != name);
            fields.push((name.to_owned(), value.to_vec()));
        }
        if let Some(accepted) = &asked.accept_encoding {
            fields.push(("accept-encoding".into(), accepted.clone().into()));
        }
        if asked.any {
            fields.push(("if-none-match".into(), b"*".to_vec()));
        } else if !asked.none_match.is_empty() {
            fields.push(("if-none-match".into(), asked.none_match.join(&b", "[..])));
        }
        if !asked.matching.is_empty() {
            fields.push(("if-match".into(), asked.matching.join(&b", "[..])));
        }
        let single = [
            ("if-modified-since", &asked.modified_since),
            ("range", &asked.range),
            ("if-range", &asked.if_range),
        ];
        let single = single.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
        fields.extend(single.map(|(name, value)| (name.to_owned(), value)));
        // A user's Host replaces the URL's, to ask a backend for a virtual host.
        let host = fields.iter().position(|(name, _)| name == "host");
        let host = host.map(|at| String::from_utf8_lossy(&fields.remove(at).1).into_owned());
        Self {
            method: asked.method.name(),
            fields,
            authority: host.unwrap_or_else(|| url.authority.clone()),
            scheme: url.scheme(),
            path: url.path.clone(),
            absolute: matches!(route.via, Via::Proxy(_)) && !url.is_tls,
            keep,
            content: None,
        }
    }

    /// The same request with content.
    pub(crate) fn with_content(mut self, content: Vec<u8>) -> Self {
        self.fields.push(("content-length".to_owned(), content.len().to_string().into()));
        self.content = Some(content);
        self
    }

    /// Content that follows the head.
    pub(crate) fn content(&self) -> &[u8] {
        self.content.as_deref().unwrap_or_default()
    }

    /// Reports whether its response has no content, whatever its head announces.
    pub(crate) fn has_no_content(&self) -> bool {
        self.method == Method::Head.name()
    }

    /// The bytes of HTTP/1.1.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Self { method, authority, scheme, path, .. } = self;
        let url =
            if self.absolute { format!("{scheme}://{authority}{path}") } else { path.clone() };
        let mut bytes = format!("{method} {url} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
        for (name, value) in &self.fields {
            bytes.extend_from_slice(title(name).as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        let end: &[u8] = if self.keep { b"\r\n" } else { b"Connection: close\r\n\r\n" };
        bytes.extend_from_slice(end);
        bytes.extend_from_slice(self.content());
        bytes
    }

    /// The request as HTTP/2 wants it.
    pub(crate) fn message(&self) -> Result<http::Request<()>, http::Error> {
        let Self { authority, scheme, path, .. } = self;
        let uri = format!("{scheme}://{authority}{path}");
        let mut request =
            http::Request::builder().method(self.method).uri(uri).version(http::Version::HTTP_2);
        for (name, value) in &self.fields {
            request = request.header(name.as_str(), value.as_slice());
        }
        request.body(())
    }
}

/// `if-none-match` as people write it, for servers that look at the case.
fn title(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| {
            first.to_ascii_uppercase().to_string() + letters.as_str()
        })
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}
