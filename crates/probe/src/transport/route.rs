//! Ways to the server of a URL, and the values from the user that name them.
//! Resolves no names.

use std::net::SocketAddr;

use text::excerpt;
use text::secret::masked_url;
use wire::proxy::{HttpProxy, InvalidProxy};
use wire::tls::InvalidTls;
use wire::url::{InvalidUrl, Url};

/// Value from the user that cannot be used; messages name it, with credentials masked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The URL, or a redirect's.
    #[error("`{0}` is no URL that can be checked: {1}")]
    Url(String, InvalidUrl),
    /// A backend.
    #[error("`{0}` is no HOST:PORT of a backend")]
    Backend(String),
    /// A fixed address of a name.
    #[error("`{0}` is no HOST:PORT:ADDRESS")]
    Resolve(String),
    /// A file with certificates.
    #[error("{0}")]
    Certificates(InvalidTls),
    /// A URL that needs TLS, which cannot be set up.
    #[error("`{0}` cannot be checked: {1}")]
    Tls(String, InvalidTls),
    /// An earlier result that is of another URL than the one to be checked.
    #[error("the earlier result is of {0}, and not of {1}")]
    EarlierTarget(String, String),
    /// A proxy from the environment.
    #[error("{0}")]
    Proxy(InvalidProxy),
}

/// Reads a URL.
pub fn url(text: &str) -> Result<Url, Invalid> {
    Url::parse(text).map_err(|error| Invalid::Url(shown(text), error))
}

/// A URL or an address as messages name it.
pub(crate) fn shown(text: &str) -> String {
    excerpt(&masked_url(text))
}

/// Peer of the first connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// A name and port to resolve.
    Name(String, u16),
    /// An address.
    Address(SocketAddr),
    /// A proxy.
    Proxy(HttpProxy),
}

/// One way to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerRoute {
    /// Name in reports.
    pub name: String,
    /// Peer of the first connection.
    pub via: Via,
    /// True if exactly one server answers there, according to the user.
    pub is_backend: bool,
}

impl ServerRoute {
    /// The way to one backend: `HOST:PORT`, `ADDRESS:PORT`, or either with `http://` before it.
    pub fn to_backend(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::Backend(shown(text));
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

    /// The way to one address of the URL's host.
    pub fn to_address(address: SocketAddr) -> Self {
        Self { name: address.to_string(), via: Via::Address(address), is_backend: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backends_are_checked() {
        assert!(ServerRoute::to_backend("10.0.0.1:8080").is_ok());
        assert!(ServerRoute::to_backend("http://web-1:8080/").is_ok());
        for bad in ["web-1", "web-1:x", ":80", "a/b:80", ""] {
            assert!(ServerRoute::to_backend(bad).is_err(), "{bad}");
        }
    }
}
