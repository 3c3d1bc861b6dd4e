//! Where to ask: the URL, taken apart and checked, and the ways that lead there.
//! Resolves no names: see `dial`.

use std::net::{IpAddr, SocketAddr};

use super::proxy::Proxy;

/// Why something that the user gave cannot be used; messages name it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The URL.
    #[error("`{0}` is no URL that can be checked: {1}")]
    Url(String, &'static str),
    /// A field of the request.
    #[error("`{0}` is no field of a request")]
    Field(String),
    /// A backend.
    #[error("`{0}` is no HOST:PORT of a backend")]
    Backend(String),
    /// A fixed address of a name.
    #[error("`{0}` is no HOST:PORT:ADDRESS")]
    Resolve(String),
    /// A file with certificates.
    #[error("no certificates in `{0}`: {1}")]
    Certificates(String, String),
    /// A proxy from the environment.
    #[error("`{0}` in the environment is no proxy that can be used")]
    Proxy(String),
    /// This program was built without TLS.
    #[error("`{0}` needs TLS, which this program was built without")]
    NoTls(String),
}

/// A URL that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The URL without its fragment.
    pub url: String,
    /// Whether it is `https`.
    pub is_tls: bool,
    /// Host without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Value of `Host`.
    pub authority: String,
    /// Path and query.
    pub path: String,
}

impl Target {
    /// Takes a URL apart.
    pub fn parse(url: &str) -> Result<Self, Invalid> {
        let invalid = |why| Invalid::Url(findings::shown(url.as_bytes()), why);
        let trimmed = url.split('#').next().unwrap_or(url);
        let uri: http::Uri =
            trimmed.parse().map_err(|_| invalid("give scheme, host and path, in ASCII"))?;
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(invalid("it must begin with http:// or https://")),
        };
        let authority = uri.authority().ok_or_else(|| invalid("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(invalid("credentials in it are not sent: use -H 'Authorization: …'"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(invalid("it names no host"));
        }
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned();
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        let authority = authority.to_string();
        Ok(Self { url: trimmed.to_owned(), is_tls, host, port, authority, path })
    }

    /// `http` or `https`.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.is_tls { "https" } else { "http" }
    }

    /// Where a `Location` leads from here.
    pub fn join(&self, location: &str) -> Result<Self, Invalid> {
        let (scheme, authority) = (self.scheme(), &self.authority);
        let folder = self.path.split('?').next().unwrap_or("/");
        let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        let url = match location {
            absolute if absolute.contains("://") => absolute.to_owned(),
            other_host if other_host.starts_with("//") => format!("{scheme}:{other_host}"),
            path if path.starts_with('/') => format!("{scheme}://{authority}{path}"),
            relative => format!("{scheme}://{authority}{folder}/{relative}"),
        };
        Self::parse(&url)
    }
}

/// Who the first connection goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// A name and port to resolve.
    Name(String, u16),
    /// An address.
    Address(SocketAddr),
    /// A proxy.
    Proxy(Proxy),
}

/// One way to the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// For reports.
    pub name: String,
    /// Who the first connection goes to.
    pub via: Via,
    /// Whether the user says that exactly one server stands there.
    pub is_backend: bool,
}

impl Route {
    /// The way to one backend: `HOST:PORT`, `ADDRESS:PORT`, or either with `http://` before it.
    pub fn to_backend(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::Backend(findings::shown(text.as_bytes()));
        let bare = text.split_once("://").map_or(text, |(_, rest)| rest).trim_end_matches('/');
        let via = if let Ok(address) = bare.parse() {
            Via::Address(address)
        } else {
            let (host, port) = bare.rsplit_once(':').ok_or_else(invalid)?;
            let port = port.parse().map_err(|_| invalid())?;
            let plain = !host.is_empty() && !host.contains(['/', ':', '@', ' ']);
            if !plain {
                return Err(invalid());
            }
            Via::Name(host.to_owned(), port)
        };
        Ok(Self { name: bare.to_owned(), via, is_backend: true })
    }

    /// The way to one address of the target's name.
    pub fn to_address(address: SocketAddr) -> Self {
        Self { name: address.to_string(), via: Via::Address(address), is_backend: false }
    }
}

/// A fixed address of a name: `HOST:PORT:ADDRESS`, as curl has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolve {
    host: String,
    port: u16,
    address: IpAddr,
}

impl Resolve {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::Resolve(findings::shown(text.as_bytes()));
        let mut parts = text.splitn(3, ':');
        let (Some(host), Some(port), Some(address)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(invalid());
        };
        let port = port.parse().map_err(|_| invalid())?;
        let bare = address.trim_start_matches('[').trim_end_matches(']');
        let address = bare.parse().map_err(|_| invalid())?;
        if host.is_empty() {
            return Err(invalid());
        }
        Ok(Self { host: host.to_owned(), port, address })
    }

    /// The address, if it is for this target.
    pub fn address_for(&self, target: &Target) -> Option<SocketAddr> {
        let is_it = self.host.eq_ignore_ascii_case(&target.host) && self.port == target.port;
        is_it.then(|| SocketAddr::new(self.address, self.port))
    }
}

/// A request field `NAME: VALUE` in printable ASCII.
pub fn field(text: &str) -> Result<(String, String), Invalid> {
    let invalid = || Invalid::Field(findings::shown(text.as_bytes()));
    let (name, value) = text.split_once(':').ok_or_else(invalid)?;
    let (name, value) = (name.trim(), value.trim());
    let is_name = !name.is_empty() && http::HeaderName::from_bytes(name.as_bytes()).is_ok();
    let is_value = value.bytes().all(|byte| (0x20..0x7f).contains(&byte) || byte == b'\t');
    // What the experiments set themselves, and what frames the message.
    let ours = [
        "if-none-match",
        "if-modified-since",
        "accept-encoding",
        "connection",
        "te",
        "content-length",
        "transfer-encoding",
        "upgrade",
        "if-match",
        "range",
    ];
    if !is_name || !is_value || ours.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return Err(invalid());
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        for (url, expected) in [
            ("http://a.example/x?y#z", (false, "a.example", 80, "a.example", "/x?y")),
            ("https://a.example", (true, "a.example", 443, "a.example", "/")),
            ("http://[::1]:81/", (false, "::1", 81, "[::1]:81", "/")),
        ] {
            let target = Target::parse(url).expect("it is a URL");
            let Target { is_tls, host, port, authority, path, .. } = &target;
            let seen = (*is_tls, host.as_str(), *port, authority.as_str(), path.as_str());
            assert_eq!(seen, expected);
        }
        for url in ["", "/x", "ftp://a/", "http://", "http://u:p@a/", "a.example/x", "http://ä/"] {
            assert!(matches!(Target::parse(url), Err(Invalid::Url(..))), "{url}");
        }
    }

    #[test]
    fn locations_are_joined() {
        let target = Target::parse("http://a.example:81/folder/x?y").expect("it is a URL");
        for (location, expected) in [
            ("https://b.example/z", "https://b.example/z"),
            ("//b.example/z", "http://b.example/z"),
            ("/z", "http://a.example:81/z"),
            ("z", "http://a.example:81/folder/z"),
        ] {
            assert_eq!(target.join(location).map(|target| target.url), Ok(expected.to_owned()));
        }
    }

    #[test]
    fn backends_addresses_and_fields_are_checked() {
        assert!(Route::to_backend("10.0.0.1:8080").is_ok());
        assert!(Route::to_backend("http://web-1:8080/").is_ok());
        for bad in ["web-1", "web-1:x", ":80", "a/b:80", ""] {
            assert!(Route::to_backend(bad).is_err(), "{bad}");
        }
        let target = Target::parse("http://a.example/").expect("it is a URL");
        let resolve = Resolve::parse("A.example:80:[::1]").expect("it is one");
        assert_eq!(resolve.address_for(&target), "[::1]:80".parse().ok());
        assert!(Resolve::parse("a:80").is_err() && Resolve::parse("a:b:1.1.1.1").is_err());
        assert!(field("X-Key: v").is_ok());
        for bad in ["X", "X Y: z", "X: a\nb", "If-None-Match: \"a\"", ": x"] {
            assert!(field(bad).is_err(), "{bad}");
        }
    }
}
