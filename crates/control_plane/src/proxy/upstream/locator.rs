//! Where routes come from, as a command line says it.
//!
//! Opens nothing.

use std::path::PathBuf;

use super::InvalidUpstream;
use crate::proxy::target::decoded;
use text::excerpt;

/// A source, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locator {
    /// A file, or a folder of files: `file:PATH`, `dir:PATH` or a path.
    Path(PathBuf),
    /// JSON over HTTP: `http://…` or `https://…`.
    Http(Address),
    /// A list of the Kubernetes API: `k8s+http://…` or `k8s+https://…`.
    Kubernetes(Address),
    /// The keys of etcd under a folder: `etcd://HOST:PORT/PREFIX`, or `etcd+https://…`. The folder
    /// begins and ends with a slash; in the URL it is percent-encoded.
    Etcd(Address, String),
}

/// A server and what to ask it for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Whether the connection is encrypted.
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

const ETCD_PORT: u16 = 2_379;

impl Locator {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, InvalidUpstream> {
        let unknown = || InvalidUpstream::Unknown(excerpt(text));
        let Some((scheme, rest)) = text.split_once("://") else {
            let path = ["file:", "dir:"].iter().find_map(|kind| text.strip_prefix(kind));
            let path = path.unwrap_or(text);
            return if path.is_empty() { Err(unknown()) } else { Ok(Self::Path(path.into())) };
        };
        let address = |scheme, port| Address::parse(text, scheme, rest, port);
        match scheme {
            "http" => Ok(Self::Http(address("http", 80)?)),
            "https" => Ok(Self::Http(address("https", 443)?)),
            "k8s+http" => Ok(Self::Kubernetes(address("http", 80)?)),
            "k8s+https" => Ok(Self::Kubernetes(address("https", 443)?)),
            "etcd" => etcd(text, address("http", ETCD_PORT)?),
            "etcd+https" => etcd(text, address("https", ETCD_PORT)?),
            "file" | "dir" if rest.starts_with('/') => Ok(Self::Path(rest.into())),
            _ => Err(unknown()),
        }
    }
}

impl Address {
    fn parse(
        text: &str,
        scheme: &str,
        rest: &str,
        usual_port: u16,
    ) -> Result<Self, InvalidUpstream> {
        let invalid = |why| InvalidUpstream::Url(excerpt(text), why);
        let rest = rest.split('#').next().unwrap_or(rest);
        let uri: ::http::Uri = format!("{scheme}://{rest}")
            .parse()
            .map_err(|_| invalid("give host, port and path, in ASCII"))?;
        let authority = uri.authority().ok_or_else(|| invalid("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(invalid("credentials in it are not sent: use -H 'Authorization: …'"));
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let names_port = authority.as_str() != authority.host();
        let port = if names_port { authority.port_u16() } else { Some(usual_port) };
        let port = port.filter(|port| *port > 0).ok_or_else(|| invalid("its port is no number"))?;
        if host.is_empty() {
            return Err(invalid("it names no host"));
        }
        let path = uri.path_and_query().map_or("/", ::http::uri::PathAndQuery::as_str);
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let is_tls = scheme == "https";
        Ok(Self { is_tls, host, port, authority: authority.to_string(), path })
    }
}

fn etcd(text: &str, mut address: Address) -> Result<Locator, InvalidUpstream> {
    let path = std::mem::replace(&mut address.path, "/".to_owned());
    let invalid = |why| InvalidUpstream::Url(excerpt(text), why);
    if path.contains('?') {
        return Err(invalid("etcd has no queries"));
    }
    let decoded =
        decoded(&path).ok_or_else(|| invalid("its prefix is no percent-encoded UTF-8"))?;
    let mut prefix = decoded.into_owned();
    if !prefix.ends_with('/') {
        prefix.push('/');
    }
    Ok(Locator::Etcd(address, prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(is_tls: bool, host: &str, port: u16, authority: &str, path: &str) -> Address {
        let (host, authority, path) = (host.to_owned(), authority.to_owned(), path.to_owned());
        Address { is_tls, host, port, authority, path }
    }

    #[test]
    fn paths_are_paths() {
        for (text, path) in
            [("file:a.json", "a.json"), ("dir:/a/b", "/a/b"), ("./a", "./a"), ("file:///a", "/a")]
        {
            assert_eq!(Locator::parse(text).ok(), Some(Locator::Path(path.into())), "{text}");
        }
    }

    #[test]
    fn urls_are_taken_apart() {
        for (text, expected) in [
            ("http://a/x?y#z", Locator::Http(address(false, "a", 80, "a", "/x?y"))),
            ("https://a:1", Locator::Http(address(true, "a", 1, "a:1", "/"))),
            (
                "k8s+http://[::1]:8/x",
                Locator::Kubernetes(address(false, "::1", 8, "[::1]:8", "/x")),
            ),
            ("k8s+https://a", Locator::Kubernetes(address(true, "a", 443, "a", "/"))),
            ("etcd://a/x", Locator::Etcd(address(false, "a", 2379, "a", "/"), "/x/".to_owned())),
            (
                "etcd://a/x%20%C3%A9",
                Locator::Etcd(address(false, "a", 2379, "a", "/"), "/x é/".to_owned()),
            ),
            ("etcd+https://a:1/", Locator::Etcd(address(true, "a", 1, "a:1", "/"), "/".to_owned())),
        ] {
            assert_eq!(Locator::parse(text).ok(), Some(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "",
            "file:",
            "redis://a/",
            "http://",
            "http://u@a/",
            "http://a:x/",
            "http://ä/",
            "etcd://a/x?y",
            "etcd://a/%ff",
            "http://a:0/",
            "file://host/x",
            "http:// a/",
        ] {
            assert!(Locator::parse(bad).is_err(), "{bad}");
        }
    }
}
