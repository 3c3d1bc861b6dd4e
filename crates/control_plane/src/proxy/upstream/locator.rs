//! Sources of routes as a command line names them. Opens nothing.

use std::path::PathBuf;

use text::excerpt;
use text::secret::masked_url;
use wire::url::{InvalidUrl, Url};

use super::InvalidUpstream;
use crate::proxy::target::decoded;

/// A source, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locator {
    /// A file, or a folder of files: `file:PATH`, `dir:PATH` or a path.
    Path(PathBuf),
    /// JSON over HTTP: `http://…` or `https://…`.
    Http(Url),
    /// A list of the Kubernetes API: `k8s+http://…` or `k8s+https://…`.
    Kubernetes(Url),
    /// The keys of etcd under a folder: `etcd://HOST:PORT/PREFIX`, or `etcd+https://…`. The folder
    /// begins and ends with a slash; in the URL it is percent-encoded.
    Etcd(Url, String),
}

const ETCD_PORT: u16 = 2_379;

impl Locator {
    /// Reads one.
    pub fn parse(text: &str) -> Result<Self, InvalidUpstream> {
        let unknown = || InvalidUpstream::Unknown(excerpt(&masked_url(text)));
        let Some((scheme, rest)) = text.split_once("://") else {
            let path = ["file:", "dir:"].iter().find_map(|kind| text.strip_prefix(kind));
            return match path {
                Some("") => Err(unknown()),
                Some(path) => Ok(Self::Path(path.into())),
                None => bare_path(text).unwrap_or_else(|| Err(unknown())),
            };
        };
        let invalid =
            |error: InvalidUrl| InvalidUpstream::Url(excerpt(&masked_url(text)), error.to_string());
        let url = |scheme| Url::parse(&format!("{scheme}://{rest}")).map_err(invalid);
        let etcd = |scheme| {
            Url::parse_with_port(&format!("{scheme}://{rest}"), ETCD_PORT).map_err(invalid)
        };
        match scheme {
            "http" | "https" => url(scheme).map(Self::Http),
            "k8s+http" => url("http").map(Self::Kubernetes),
            "k8s+https" => url("https").map(Self::Kubernetes),
            "etcd" => folder(text, etcd("http")?),
            "etcd+https" => folder(text, etcd("https")?),
            "file" | "dir" if rest.starts_with('/') => Ok(Self::Path(rest.into())),
            _ => Err(unknown()),
        }
    }
}

/// A path without `file:` before it; an error for what begins as a URL does, and `None` for nothing.
fn bare_path(text: &str) -> Option<Result<Locator, InvalidUpstream>> {
    let shown = |text: &str| excerpt(&masked_url(text));
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    match text.split_once(':') {
        // A slip in a URL must not be taken for a file that may come to be there one day.
        Some((scheme, rest)) if !scheme.is_empty() && scheme.chars().all(in_scheme) => {
            let meant = format!("{scheme}://{}", rest.trim_start_matches('/'));
            Some(Err(match Locator::parse(&meant) {
                Ok(_) => InvalidUpstream::Slashes(shown(text), shown(&meant)),
                Err(_) => InvalidUpstream::Unknown(shown(text)),
            }))
        }
        _ => (!text.is_empty()).then(|| Ok(Locator::Path(text.into()))),
    }
}

fn folder(text: &str, url: Url) -> Result<Locator, InvalidUpstream> {
    let invalid = |why: &str| InvalidUpstream::Url(excerpt(&masked_url(text)), why.to_owned());
    if url.path.contains('?') {
        return Err(invalid("etcd has no queries"));
    }
    let decoded =
        decoded(&url.path).ok_or_else(|| invalid("its prefix is no percent-encoded UTF-8"))?;
    // A folder: `/routes` must not take in the keys of `/routes-of-others`.
    let slash = if decoded.ends_with('/') { "" } else { "/" };
    let prefix = format!("{decoded}{slash}");
    Ok(Locator::Etcd(Url { path: "/".to_owned(), ..url }, prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_paths() {
        for (text, path) in [
            ("file:a.json", "a.json"),
            ("dir:/a/b", "/a/b"),
            ("./a", "./a"),
            ("file:///a", "/a"),
            ("./a:b", "./a:b"),
            ("file:a:b", "a:b"),
        ] {
            assert_eq!(Locator::parse(text).ok(), Some(Locator::Path(path.into())), "{text}");
        }
    }

    #[test]
    fn urls_are_sources_by_their_schemes() -> Result<(), InvalidUrl> {
        let etcd = |url, prefix: &str| {
            Ok(Locator::Etcd(Url::parse_with_port(url, ETCD_PORT)?, prefix.to_owned()))
        };
        for (text, expected) in [
            ("http://a/x?y#z", Locator::Http(Url::parse("http://a/x?y")?)),
            ("https://h:/", Locator::Http(Url::parse("https://h:443/").map(bare_authority)?)),
            ("k8s+http://[::1]:8/x", Locator::Kubernetes(Url::parse("http://[::1]:8/x")?)),
            ("k8s+https://a", Locator::Kubernetes(Url::parse("https://a/")?)),
            ("etcd://a/x", etcd("http://a", "/x/")?),
            ("etcd://a/x%20%C3%A9", etcd("http://a", "/x é/")?),
            ("etcd+https://a:1/", etcd("https://a:1", "/")?),
        ] {
            assert_eq!(Locator::parse(text).ok(), Some(expected), "{text}");
        }
        Ok(())
    }

    fn bare_authority(url: Url) -> Url {
        Url { authority: url.host.clone(), ..url }
    }

    #[test]
    fn a_url_without_its_slashes_is_no_path() {
        for (slip, meant) in [
            ("etcd:127.0.0.1:2379", "etcd://127.0.0.1:2379"),
            ("etcd:/host/routes", "etcd://host/routes"),
            ("http:host", "http://host"),
            ("k8s+https:host/apis", "k8s+https://host/apis"),
        ] {
            let refused = Locator::parse(slip).map_err(|error| error.to_string());
            assert_eq!(refused, Err(format!("`{slip}` is no URL: did you mean `{meant}`?")));
        }
        for bad in ["redis:host", "C:table.json", "http:"] {
            let refused = Locator::parse(bad);
            assert!(matches!(refused, Err(InvalidUpstream::Unknown(_))), "{bad} {refused:?}");
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
            "etcd://a/x?y",
            "etcd://a/%ff",
            "file://host/x",
        ] {
            assert!(Locator::parse(bad).is_err(), "{bad}");
        }
    }
}
