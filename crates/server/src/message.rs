//! Refusal of requests that are unacceptable whatever they ask for: by their framing, their target,
//! its host.
//!
//! hyper has refused what is no HTTP at all; this is what it lets pass.

use http::header::{EXPECT, HOST, TRANSFER_ENCODING};
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, Version};
use hyper::body::Body;
use semantics::host;

/// The status to refuse a request with that came over a connection of this scheme.
pub(crate) fn refusal(request: &Request<impl Body>, scheme: &Scheme) -> Option<StatusCode> {
    let is_required = request.version() >= Version::HTTP_11;
    let lines = request.headers().get_all(HOST).iter().map(HeaderValue::as_bytes);
    let Ok(host) = host::check(lines, is_required) else { return Some(StatusCode::BAD_REQUEST) };
    unacceptable_target(request.method(), request.uri(), scheme, host).or_else(|| {
        // What has no content has no transfer coding: hyper has seen to that.
        if request.body().is_end_stream() {
            return None;
        }
        // HTTP/1.0 has no 100 (RFC 9110 §10.1.1).
        let waits = || is_required && is_kept_waiting(request.headers());
        let refused = || waits().then_some(StatusCode::EXPECTATION_FAILED);
        unacceptable_coding(request.headers()).or_else(refused)
    })
}

/// Each form of a target belongs to certain methods (RFC 9112 §3.2).
fn unacceptable_target(
    method: &Method,
    target: &Uri,
    ours: &Scheme,
    host: Option<&[u8]>,
) -> Option<StatusCode> {
    let other = if *ours == Scheme::HTTP { Scheme::HTTPS } else { Scheme::HTTP };
    let is_acceptable = match (target.scheme(), target.authority()) {
        (Some(scheme), _) if *scheme == other => {
            // Whoever believes to talk in secret has to be told (RFC 9110 §7.4).
            return Some(StatusCode::MISDIRECTED_REQUEST);
        }
        // User information in a target is there to deceive (RFC 9110 §4.2.4).
        (Some(scheme), Some(authority)) => {
            scheme == ours && !authority.as_str().contains('@') && *method != Method::CONNECT
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

/// Returns true if 100 is expected in a way that hyper does not see.
fn is_kept_waiting(fields: &HeaderMap) -> bool {
    // hyper reads the last line alone, and as one expectation; the client waits, and has to be
    // answered at once (RFC 9110 §10.1.1).
    let is_continue = |value: &[u8]| value.eq_ignore_ascii_case(b"100-continue");
    let lines = || fields.get_all(EXPECT).iter().map(HeaderValue::as_bytes);
    let mut members = lines().flat_map(|line| line.split(|&octet| octet == b','));
    members.any(|member| is_continue(member.trim_ascii()))
        && !lines().next_back().is_some_and(is_continue)
}
