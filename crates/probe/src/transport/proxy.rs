//! Proxies as the environment names them: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`.
//! Loopback is never proxied. Reads variables through a function, so that tests need no environment.

use base64::Engine as _;

use super::target::{Invalid, Target};

/// A proxy that speaks HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Host without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Value of `Proxy-Authorization`, from credentials in the variable.
    pub authorization: Option<String>,
}

/// The proxy for this target, if any.
pub fn for_target(
    target: &Target,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Proxy>, Invalid> {
    let get = |name: &str| {
        let value = variable(name).or_else(|| variable(&name.to_ascii_uppercase()));
        value.filter(|value| !value.trim().is_empty())
    };
    // In a CGI program HTTP_PROXY is what a client sent as `Proxy`.
    let is_cgi = variable("REQUEST_METHOD").is_some();
    let own = if target.is_tls { "https_proxy" } else { "http_proxy" };
    let named = if is_cgi && !target.is_tls { None } else { get(own) };
    let Some(text) = named.or_else(|| get("all_proxy")) else { return Ok(None) };
    if is_loopback(&target.host) || is_exempt(target, &get("no_proxy").unwrap_or_default()) {
        return Ok(None);
    }
    parse(&text).map(Some)
}

fn parse(text: &str) -> Result<Proxy, Invalid> {
    let invalid = || Invalid::Proxy(findings::shown(text.as_bytes()));
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
        Some(_) => return Err(invalid()),
        None => text,
    };
    let (user, host) = match rest.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, rest),
    };
    let authority: http::uri::Authority =
        host.trim_end_matches('/').parse().map_err(|_| invalid())?;
    let encode =
        |user: &str| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(user));
    Ok(Proxy {
        host: authority.host().trim_start_matches('[').trim_end_matches(']').to_owned(),
        port: authority.port_u16().unwrap_or(80),
        authorization: user.map(encode),
    })
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `a.example, .b.example, *`: a name stands for itself and everything below it.
fn is_exempt(target: &Target, list: &str) -> bool {
    let host = target.host.to_ascii_lowercase();
    let names = list.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty());
    names.into_iter().any(|name| {
        let name = name.to_ascii_lowercase();
        let (name, port) = match name.rsplit_once(':') {
            Some((bare, port)) if port.parse::<u16>().is_ok() && !bare.contains(':') => {
                (bare.to_owned(), port.parse().ok())
            }
            _ => (name, None),
        };
        let bare = name.trim_start_matches("*.").trim_start_matches('.');
        let below =
            host.strip_suffix(bare).is_some_and(|head| head.is_empty() || head.ends_with('.'));
        name == "*" || (below && port.is_none_or(|port: u16| port == target.port))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, variables: &[(&str, &str)], expected: Option<(&str, u16)>) {
        let target = Target::parse(url).expect("a test names URLs");
        let get = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let proxy = for_target(&target, get).expect("a test names proxies");
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
        let proxy = parse("http://user:pass@proxy:3128/").expect("it is a proxy");
        assert_eq!(proxy.authorization.as_deref(), Some("Basic dXNlcjpwYXNz"));
        assert!(parse("socks5://proxy").is_err());
    }
}
