//! The writers that a replica listens to: programs, and pages of its own origin, but no page of another
//! site.
//!
//! A browser lets a page write without asking first where it takes the replica for the page's own
//! origin: and whoever rebinds the name of his site to 127.0.0.1 makes it so. What he cannot change is
//! that the browser names the site: in `Host`, in `Origin`, in `Sec-Fetch-Site`. An address cannot be
//! rebound, so `Host` may be any; of names only `localhost` and those that the operator gives.

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, StatusCode};
use server::response::response;

use crate::replica::Replica;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

const FOREIGN_HOST: &str = "no writes for this host: they are taken for localhost and for IP \
                            addresses; start the replica with --host NAME to add a name\n";
const FOREIGN_PAGE: &str = "no writes from a page of another site (Origin, Sec-Fetch-Site)\n";

/// The answer to a request to write that comes from a page of another site, or may.
pub(super) fn refusal(replica: &Replica, request: &Parts) -> Option<Response> {
    let named = request.headers.get(HOST).map(|host| Authority::try_from(host.as_bytes()));
    let named = request.uri.authority().cloned().map(Ok).or(named);
    let is_ours = |authority: &Authority| is_ours(authority.host(), &replica.spec.hosts);
    let is_own = match &named {
        // HTTP/1.0, which no browser speaks.
        None => is_own_page(&request.headers, None),
        Some(Ok(authority)) if is_ours(authority) => is_own_page(&request.headers, Some(authority)),
        Some(_) => return Some(text(StatusCode::MISDIRECTED_REQUEST, FOREIGN_HOST)),
    };
    (!is_own).then(|| text(StatusCode::FORBIDDEN, FOREIGN_PAGE))
}

fn is_ours(host: &str, names: &[String]) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    address.parse::<std::net::IpAddr>().is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || names.iter().any(|name| host.eq_ignore_ascii_case(name))
}

/// Returns true if no browser says that this comes from a page, or that page is at this authority.
fn is_own_page(fields: &HeaderMap, authority: Option<&Authority>) -> bool {
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

fn text(status: StatusCode, text: &'static str) -> Response {
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response(status, HeaderMap::from_iter([(CONTENT_TYPE, plain)]), Body::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_localhost_are_ours_and_of_other_names_those_that_were_given() {
        let names = ["Replica".to_owned()];
        let ours = ["127.0.0.1", "10.1.2.3", "[::1]", "localhost", "LOCALHOST", "replica"];
        let foreign = ["evil.example", "127.0.0.1.evil.example", "localhost.evil", "", "[::1", "1"];
        assert!(ours.iter().all(|host| is_ours(host, &names)));
        assert!(!foreign.iter().any(|host| is_ours(host, &names)));
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
