//! Proxies as the environment names them: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`.
//!
//! Variables are read through a function, so that tests need no environment. The matching is our
//! own: hyper-util's `Matcher` knows neither ports in `no_proxy` nor that loopback is never proxied.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use text::secret::{Secret, masked_url};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::dial::{DialError, connect, resolve};
use crate::url::{Url, without_brackets};

const MAX_HEAD_BYTES: usize = 16 * 1024;

/// An HTTP proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpProxy {
    /// Host without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Value of `Proxy-Authorization`, from credentials in the variable.
    pub authorization: Option<Secret>,
}

/// A variable that names no HTTP proxy; shown without its credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` in the environment is no proxy that can be used")]
pub struct InvalidProxy(pub String);

impl HttpProxy {
    /// The proxy for this URL, if any.
    pub fn for_url(
        url: &Url,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, InvalidProxy> {
        let get = |name: &str| {
            let value = variable(name).or_else(|| variable(&name.to_ascii_uppercase()));
            value.filter(|value| !value.trim().is_empty())
        };
        // A CGI program finds in HTTP_PROXY the client's field `Proxy`.
        let is_cgi = variable("REQUEST_METHOD").is_some();
        let own = if url.is_tls { "https_proxy" } else { "http_proxy" };
        let named = if is_cgi && !url.is_tls { None } else { get(own) };
        // curl's rules: the variable of the scheme first, in lower case before upper case.
        let Some(text) = named.or_else(|| get("all_proxy")) else { return Ok(None) };
        if is_loopback(&url.host) || is_exempt(url, &get("no_proxy").unwrap_or_default()) {
            return Ok(None);
        }
        Self::parse(&text).map(Some)
    }

    fn parse(text: &str) -> Result<Self, InvalidProxy> {
        let invalid = || InvalidProxy(masked_url(text));
        let rest = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return Err(invalid()),
            None => text,
        };
        let (user, host) = rest.rsplit_once('@').map_or((None, rest), |(u, host)| (Some(u), host));
        let authority: http::uri::Authority =
            host.trim_end_matches('/').parse().map_err(|_| invalid())?;
        Ok(Self {
            host: without_brackets(authority.host()).to_owned(),
            port: authority.port_u16().unwrap_or(80),
            authorization: user.map(|user| format!("Basic {}", STANDARD.encode(user)).into()),
        })
    }

    /// Connects to the proxy.
    pub async fn connect(&self) -> Result<TcpStream, DialError> {
        connect(&resolve(&self.host, self.port).await?).await
    }

    /// Opens a tunnel to a server through the proxy (RFC 9110 §9.3.6).
    pub async fn tunnel(&self, host: &str, port: u16) -> Result<TcpStream, DialError> {
        let failed = |what: &str| DialError::Unreachable(format!("proxy: {what}"));
        let mut stream = self.connect().await?;
        let is_ipv6 = host.contains(':');
        let authority = if is_ipv6 { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
        if let Some(credentials) = &self.authorization {
            request.extend(["Proxy-Authorization: ", credentials.reveal(), "\r\n"]);
        }
        request += "\r\n";
        stream.write_all(request.as_bytes()).await.map_err(|error| failed(&error.to_string()))?;
        // One byte at a time: the bytes behind the head belong to TLS.
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = stream.read_u8().await.map_err(|_| failed("it closed the connection"))?;
            head.push(byte);
            if head.len() > MAX_HEAD_BYTES {
                return Err(failed("its answer does not end"));
            }
        }
        let status = head.split(|&byte| byte == b' ').nth(1).unwrap_or_default();
        if status.starts_with(b"2") {
            return Ok(stream);
        }
        Err(failed(&format!("it answered {}", String::from_utf8_lossy(status))))
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `a.example, .b.example:80, *`: a name covers itself and everything below it.
fn is_exempt(url: &Url, list: &str) -> bool {
    let host = url.host.to_ascii_lowercase();
    let list = list.to_ascii_lowercase();
    list.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty()).any(|name| {
        // What follows a colon is a port only where it is the only colon: IPv6 addresses have more.
        let (name, port) = match name.rsplit_once(':').map(|(bare, port)| (bare, port.parse())) {
            Some((bare, Ok(port))) if !bare.contains(':') => (bare, Some(port)),
            _ => (name, None),
        };
        let bare = name.trim_start_matches("*.").trim_start_matches('.');
        let below =
            host.strip_suffix(bare).is_some_and(|head| head.is_empty() || head.ends_with('.'));
        name == "*" || (below && port.is_none_or(|port: u16| port == url.port))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, variables: &[(&str, &str)], expected: Option<(&str, u16)>) {
        let url = Url::parse(url).expect("a test names URLs");
        let get = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let proxy = HttpProxy::for_url(&url, get).expect("a test names proxies");
        let seen = proxy.as_ref().map(|proxy| (proxy.host.as_str(), proxy.port));
        assert_eq!(seen, expected, "{url} {variables:?}");
    }

    #[test]
    fn the_usual_variables_are_read() {
        let proxy = ("http_proxy", "http://proxy:3128");
        check("http://a.example/", &[proxy], Some(("proxy", 3_128)));
        check("https://a.example/", &[proxy], None);
        check("https://a.example/", &[("HTTPS_PROXY", "proxy:8")], Some(("proxy", 8)));
        check("http://a.example/", &[("all_proxy", "proxy")], Some(("proxy", 80)));
        check("http://127.0.0.1/", &[proxy], None);
        check("http://a.example/", &[proxy, ("REQUEST_METHOD", "GET")], None);
        for (list, exempt) in [
            ("a.example", true),
            ("example", true),
            (".example", true),
            ("*", true),
            ("b", false),
            ("a.example:80", true),
            ("a.example:81", false),
            ("xa.example", false),
        ] {
            let expected = (!exempt).then_some(("proxy", 3_128));
            check("http://a.example/", &[proxy, ("no_proxy", list)], expected);
        }
    }

    #[test]
    fn credentials_are_for_the_proxy() {
        let proxy = HttpProxy::parse("http://user:pass@proxy:3128/").expect("it is a proxy");
        let authorization = proxy.authorization.as_ref().map(Secret::reveal);
        assert_eq!(authorization, Some("Basic dXNlcjpwYXNz"));
        assert!(!format!("{proxy:?}").contains("dXNl"), "{proxy:?}");
        for text in ["socks5://user:pass@proxy", "http://user:pass@a b", "user:pass@"] {
            let error = HttpProxy::parse(text).map_err(|error| error.to_string());
            assert!(error.is_err_and(|error| !error.contains("pass")), "{text}");
        }
    }
}
