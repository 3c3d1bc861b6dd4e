//! URLs of servers, taken apart and checked. Resolves no names: see [`crate::dial`].

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, RANGE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Uri};
use text::secret::is_harmless_field;

/// An absolute `http` or `https` URL, without its fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// True if the scheme is `https`.
    pub is_tls: bool,
    /// Host without brackets.
    pub host: String,
    /// Port; the usual one where the URL names none.
    pub port: u16,
    /// Value of `Host`: host and port as the URL names them.
    pub authority: String,
    /// Path and query, beginning with `/`.
    pub path: String,
}

/// Reason why a text is no URL that can be asked. The caller names the text, by
/// [`text::secret::masked_url`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// No absolute URL.
    #[error("give scheme, host and path, in ASCII")]
    NotAbsolute,
    /// Neither `http` nor `https`.
    #[error("it must begin with http:// or https://")]
    Scheme(String),
    /// An empty host.
    #[error("it names no host")]
    NoHost,
    /// User information, which would end up in logs (RFC 9110 §4.2.4).
    #[error("credentials in it are not sent: use -H 'Authorization: …'")]
    Credentials,
    /// A port outside `1..=65535`.
    #[error("its port is no number")]
    Port,
}

impl Url {
    /// Reads a URL; an absent or empty port is 80 or 443 (RFC 3986 §3.2.3).
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let usual_port = if text.starts_with("https:") { 443 } else { 80 };
        Self::parse_with_port(text, usual_port)
    }

    /// Reads the URL of a protocol over HTTP that has a usual port of its own.
    pub fn parse_with_port(text: &str, usual_port: u16) -> Result<Self, InvalidUrl> {
        let text = text.split('#').next().unwrap_or(text);
        let uri: Uri = text.parse().map_err(|_| InvalidUrl::NotAbsolute)?;
        let is_tls = match uri.scheme_str() {
            None => return Err(InvalidUrl::NotAbsolute),
            Some("http") => false,
            Some("https") => true,
            Some(other) => return Err(InvalidUrl::Scheme(other.to_owned())),
        };
        let authority = uri.authority().ok_or(InvalidUrl::NoHost)?;
        let host = without_brackets(authority.host());
        if authority.as_str().contains('@') {
            return Err(InvalidUrl::Credentials);
        }
        if host.is_empty() {
            return Err(InvalidUrl::NoHost);
        }
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("" | ":") => usual_port,
            _ => authority.port_u16().filter(|port| *port > 0).ok_or(InvalidUrl::Port)?,
        };
        let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        // `http://a?x` has an empty path, which a request line cannot have (RFC 9112 §3.2.1).
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self {
            is_tls,
            host: host.to_owned(),
            port,
            // An empty port is the usual one; sent as `h:`, some servers refuse it.
            authority: authority.as_str().trim_end_matches(':').to_owned(),
            path: format!("{slash}{path}"),
        })
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.is_tls { "https" } else { "http" }
    }

    /// The URL that a `Location` field refers to from here (RFC 9110 §10.2.2).
    pub fn join(&self, location: &str) -> Result<Self, InvalidUrl> {
        let (scheme, authority) = (self.scheme(), &self.authority);
        let folder = self.path.split('?').next().unwrap_or("/");
        let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        Self::parse(&match location {
            absolute if absolute.contains("://") => absolute.to_owned(),
            other_host if other_host.starts_with("//") => format!("{scheme}:{other_host}"),
            path if path.starts_with('/') => format!("{scheme}://{authority}{path}"),
            relative => format!("{scheme}://{authority}{folder}/{relative}"),
        })
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme(), self.authority, self.path)
    }
}

/// A host as resolvers want it: an IPv6 address without its brackets.
pub(crate) fn without_brackets(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Address to use for one host and port, written `HOST:PORT:ADDRESS` as curl has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedAddress {
    host: String,
    address: SocketAddr,
}

impl FixedAddress {
    /// Reads `HOST:PORT:ADDRESS`; an IPv6 address may have brackets.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, rest) = text.split_once(':')?;
        let (port, address) = rest.split_once(':')?;
        let address: IpAddr = without_brackets(address).parse().ok()?;
        let address = SocketAddr::new(address, port.parse().ok()?);
        (!host.is_empty()).then(|| Self { host: host.to_owned(), address })
    }

    /// The address, if it is meant for the server of this URL.
    pub fn address_for(&self, url: &Url) -> Option<SocketAddr> {
        let is_same = self.host.eq_ignore_ascii_case(&url.host) && self.address.port() == url.port;
        is_same.then_some(self.address)
    }
}

/// A field of every request, as a user gives it.
pub type RequestField = (HeaderName, HeaderValue);

/// Fields that frame the message or belong to one connection (RFC 9110 §7.6.1): the code that
/// writes the request sets them.
const FRAMING: [HeaderName; 9] = [
    CONNECTION,
    CONTENT_LENGTH,
    EXPECT,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Reason why a request field may not be set. The caller names the text, by
/// [`text::secret::masked_field`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidField {
    /// No line that can be sent.
    #[error("it is no line NAME: VALUE in printable ASCII")]
    Malformed,
    /// A field of the framing.
    #[error("{0} frames the message, which is not for a user to say")]
    Framing(HeaderName),
    /// A field that decides what a response means.
    #[error("{0} is set by etag-lab for each request, since the response depends on it")]
    Own(HeaderName),
}

/// Reads a request field `NAME: VALUE`. `own` are fields that the caller sets itself, besides
/// preconditions and `Range`.
pub fn request_field(text: &str, own: &[HeaderName]) -> Result<RequestField, InvalidField> {
    let (name, value) = parse_field(text).ok_or(InvalidField::Malformed)?;
    if FRAMING.contains(&name) {
        return Err(InvalidField::Framing(name));
    }
    if name.as_str().starts_with("if-") || name == RANGE || own.contains(&name) {
        return Err(InvalidField::Own(name));
    }
    Ok((name, value))
}

fn parse_field(text: &str) -> Option<RequestField> {
    let (name, value) = text.trim().split_once(':').filter(|_| text.is_ascii())?;
    // White space before the colon is how requests are smuggled (RFC 9112 §5.1): no name has it.
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    let mut value = HeaderValue::from_str(value.trim()).ok()?;
    value.set_sensitive(!is_harmless_field(name.as_str()));
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        for (text, is_tls, host, port, authority, path) in [
            ("http://a.example/x?y#z", false, "a.example", 80, "a.example", "/x?y"),
            ("https://a.example", true, "a.example", 443, "a.example", "/"),
            ("http://a?x", false, "a", 80, "a", "/?x"),
            ("http://[::1]:81/", false, "::1", 81, "[::1]:81", "/"),
            ("https://h:/", true, "h", 443, "h", "/"),
            ("https://[::1]:/", true, "::1", 443, "[::1]", "/"),
        ] {
            let (host, authority, path) = (host.to_owned(), authority.to_owned(), path.to_owned());
            let expected = Url { is_tls, host, port, authority, path };
            assert_eq!(Url::parse(text), Ok(expected), "{text}");
        }
        assert_eq!(Url::parse_with_port("http://a/", 2_379).map(|url| url.port), Ok(2_379));
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        for (text, expected) in [
            ("", InvalidUrl::NotAbsolute),
            ("/x", InvalidUrl::NotAbsolute),
            ("a.example/x", InvalidUrl::NotAbsolute),
            ("http://ä/", InvalidUrl::NotAbsolute),
            ("http://", InvalidUrl::NotAbsolute),
            ("ftp://a/", InvalidUrl::Scheme("ftp".to_owned())),
            ("http://[]/", InvalidUrl::NoHost),
            ("http://u:p@a/", InvalidUrl::Credentials),
            ("http://a:x/", InvalidUrl::Port),
            ("http://a:0/", InvalidUrl::Port),
            ("http://a:65536/", InvalidUrl::Port),
        ] {
            assert_eq!(Url::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn locations_are_joined() {
        let url = Url::parse("http://a.example:81/folder/x?y").expect("it is a URL");
        for (location, expected) in [
            ("https://b.example/z", "https://b.example/z"),
            ("//b.example/z", "http://b.example/z"),
            ("/z", "http://a.example:81/z"),
            ("z", "http://a.example:81/folder/z"),
        ] {
            let joined = url.join(location).map(|url| url.to_string());
            assert_eq!(joined, Ok(expected.to_owned()));
        }
    }

    #[test]
    fn a_fixed_address_is_for_one_host_and_port() {
        let url = Url::parse("http://a.example/").expect("it is a URL");
        let address = |text| FixedAddress::parse(text).map(|fixed| fixed.address_for(&url));
        assert_eq!(address("A.example:80:[::1]"), Some("[::1]:80".parse().ok()));
        assert_eq!(address("a.example:81:127.0.0.1"), Some(None));
        for bad in ["a:80", "a:b:1.1.1.1", ":80:1.1.1.1", "a:80:b"] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }

    #[test]
    fn fields_are_checked() {
        let own = [http::header::ACCEPT];
        let name = |text: &str| request_field(text, &own).map(|(name, _)| name);
        assert_eq!(name(" X-Key:v "), Ok(HeaderName::from_static("x-key")));
        assert_eq!(name("Host: a"), Ok(http::header::HOST));
        for bad in ["X", "X Y: z", "X : z", "X: a\nb", ": x", "X: ä"] {
            assert_eq!(name(bad), Err(InvalidField::Malformed), "{bad}");
        }
        for framing in FRAMING {
            assert_eq!(name(&format!("{framing}: 5")), Err(InvalidField::Framing(framing)));
        }
        for own in ["if-none-match", "range", "accept"] {
            let refused = InvalidField::Own(HeaderName::from_static(own));
            assert_eq!(name(&format!("{own}: x")), Err(refused));
        }
    }

    #[test]
    fn the_value_of_a_field_is_not_for_debugging() {
        let shown = |text| format!("{:?}", request_field(text, &[]));
        assert!(!shown("X-Key: canary").contains("canary"));
        assert!(shown("Accept: text/html").contains("text/html"));
    }
}
