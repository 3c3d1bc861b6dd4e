//! Pages of other sites, which a browser lets write to a server of this machine.
//!
//! A browser lets a page write without asking first where it takes the server for the page's own
//! origin: and whoever rebinds the name of his site to 127.0.0.1 makes it so. What he cannot change is
//! that the browser names the site: in `Host`, in `Origin`, in `Sec-Fetch-Site`. An address cannot be
//! rebound, so `Host` may be any; of names only `localhost` and those that the operator gives.

use http::HeaderMap;
use http::header::{HeaderName, ORIGIN};
use http::uri::Authority;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Returns true for an address, for `localhost`, and for the names of the operator.
pub fn is_own_host<S: AsRef<str>>(host: &str, names: &[S]) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    address.parse::<std::net::IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || names.iter().any(|name| host.eq_ignore_ascii_case(name.as_ref()))
}

/// Returns true if no browser says that this comes from a page, or that page is at this authority.
pub fn is_own_page(fields: &HeaderMap, authority: Option<&Authority>) -> bool {
    let all = |name: HeaderName, is_own: &dyn Fn(&[u8]) -> bool| {
        fields.get_all(name).iter().all(|value| is_own(value.as_bytes()))
    };
    let is_own_origin = |origin: &[u8]| {
        let origin = std::str::from_utf8(origin).ok().and_then(|origin| origin.split_once("://"));
        let own = authority.map(Authority::as_str);
        origin.is_some_and(|(_, origin)| own.is_some_and(|own| own.eq_ignore_ascii_case(origin)))
    };
    let is_own_site = |site: &[u8]| site == b"same-origin" || site == b"none";
    all(ORIGIN, &is_own_origin) && all(SEC_FETCH_SITE, &is_own_site)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn addresses_and_localhost_are_ours_and_of_other_names_those_that_were_given() {
        let ours = ["127.0.0.1", "10.1.2.3", "[::1]", "localhost", "LOCALHOST", "replica"];
        let foreign = ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "", "[::1", "1"];
        assert!(ours.iter().all(|host| is_own_host(host, &["Replica"])));
        assert!(!foreign.iter().any(|host| is_own_host(host, &["Replica"])));
    }

    fn check(lines: &[(HeaderName, &'static str)], expected: bool) {
        let lines = lines.iter().cloned();
        let fields = lines.map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
        let authority = Authority::from_static("localhost:9001");
        assert_eq!(is_own_page(&fields, Some(&authority)), expected, "{fields:?}");
    }

    #[test]
    fn a_page_is_its_own_when_all_that_the_browser_says_is_so() {
        check(&[], true);
        check(&[(ORIGIN, "http://localhost:9001")], true);
        check(&[(ORIGIN, "http://localhost:9001"), (SEC_FETCH_SITE, "same-origin")], true);
        check(&[(SEC_FETCH_SITE, "none")], true);
        check(&[(ORIGIN, "http://localhost:3000")], false);
        check(&[(ORIGIN, "http://evil.example")], false);
        check(&[(ORIGIN, "null")], false);
        check(&[(SEC_FETCH_SITE, "cross-site")], false);
        check(&[(SEC_FETCH_SITE, "same-site")], false);
        check(&[(SEC_FETCH_SITE, "same-origin"), (ORIGIN, "http://localhost")], false);
    }
}
