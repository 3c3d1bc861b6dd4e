//! The writers that a replica listens to: programs, and pages of its own origin, but no page of another
//! site ([`server::pages`]).

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, StatusCode};
use server::pages::{is_own_host, is_own_page};
use server::response::response;

use crate::replica::Replica;

const FOREIGN_HOST: &str = "no writes for this host: they are taken for localhost and for IP \
                            addresses; start the replica with --host NAME to add a name\n";
const FOREIGN_PAGE: &str = "no writes from a page of another site (Origin, Sec-Fetch-Site)\n";

/// The answer to a request to write that comes from a page of another site, or may.
pub(super) fn refusal(replica: &Replica, request: &Parts) -> Option<Response> {
    let named = request.headers.get(HOST).map(|host| Authority::try_from(host.as_bytes()));
    let named = request.uri.authority().cloned().map(Ok).or(named);
    let is_ours = |authority: &Authority| is_own_host(authority.host(), &replica.spec.hosts);
    let is_own = match &named {
        // HTTP/1.0, which no browser speaks.
        None => is_own_page(&request.headers, None),
        Some(Ok(authority)) if is_ours(authority) => is_own_page(&request.headers, Some(authority)),
        Some(_) => return Some(text(StatusCode::MISDIRECTED_REQUEST, FOREIGN_HOST)),
    };
    (!is_own).then(|| text(StatusCode::FORBIDDEN, FOREIGN_PAGE))
}

fn text(status: StatusCode, text: &'static str) -> Response {
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response(status, HeaderMap::from_iter([(CONTENT_TYPE, plain)]), Body::from(text))
}
