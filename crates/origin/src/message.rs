//! What makes a request unacceptable before anybody asks what it is for: its framing, its target,
//! its host.
//!
//! hyper has refused what is no HTTP at all; this is what it lets pass.

use http::header::{HOST, TRANSFER_ENCODING};
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, Version};
use hyper::body::Body;
use semantics::host;

/// The status to refuse a request with, whatever it asks for.
pub(crate) fn refusal(request: &Request<impl Body>) -> Option<StatusCode> {
    let is_required = request.version() >= Version::HTTP_11;
    let lines = request.headers().get_all(HOST).iter().map(HeaderValue::as_bytes);
    match host::check(lines, is_required) {
        Ok(host) => {
            let target = unacceptable_target(request.method(), request.uri(), host);
            // What has no content has no transfer coding: hyper has seen to that.
            let is_framed = !request.body().is_end_stream();
            let coding = || if is_framed { unacceptable_coding(request.headers()) } else { None };
            target.or_else(coding)
        }
        Err(_) => Some(StatusCode::BAD_REQUEST),
    }
}

/// Each form of a target belongs to certain methods (RFC 9112 §3.2).
fn unacceptable_target(method: &Method, target: &Uri, host: Option<&[u8]>) -> Option<StatusCode> {
    let is_acceptable = match (target.scheme(), target.authority()) {
        (Some(scheme), _) if *scheme == Scheme::HTTPS => {
            // Whoever believes to talk in secret has to be told (RFC 9110 §7.4).
            return Some(StatusCode::MISDIRECTED_REQUEST);
        }
        // User information in a target is there to deceive (RFC 9110 §4.2.4).
        (Some(scheme), Some(authority)) => {
            *scheme == Scheme::HTTP
                && !authority.as_str().contains('@')
                && *method != Method::CONNECT
        }
        (Some(_), None) => false,
        (None, Some(_)) => *method == Method::CONNECT,
        (None, None) if target.path() == "*" => *method == Method::OPTIONS,
        // Only a target with an authority of its own may go with an empty host.
        (None, None) => *method != Method::CONNECT && host.is_none_or(|host| !host.is_empty()),
    };
    (!is_acceptable).then_some(StatusCode::BAD_REQUEST)
}

/// The status to refuse a transfer coding with: 501 to those beyond `chunked`, 400 where `chunked`
/// is applied twice (RFC 9112 §6.1 and §7).
fn unacceptable_coding(fields: &HeaderMap) -> Option<StatusCode> {
    let lines = fields.get_all(TRANSFER_ENCODING).iter().map(HeaderValue::as_bytes);
    let codings = lines.flat_map(|line| line.split(|&octet| octet == b','));
    let mut codings = codings.map(<[u8]>::trim_ascii).filter(|coding| !coding.is_empty());
    let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
    match (codings.next(), codings.next()) {
        (None, _) => None,
        (Some(coding), None) if is_chunked(coding) => None,
        (Some(coding), Some(_)) if is_chunked(coding) => Some(StatusCode::BAD_REQUEST),
        _ => Some(StatusCode::NOT_IMPLEMENTED),
    }
}
