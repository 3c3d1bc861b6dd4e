//! Authority to see the resource: the bearer token, where there is one (RFC 6750 §2.1).
//!
//! Knows nothing of what is then seen.

use axum::body::Body;
use axum::response::Response;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use server::response::response;

use crate::answer;
use crate::replica::Replica;

/// Returns true if a request with these fields may see the resource.
pub(crate) fn is_granted(replica: &Replica, fields: &HeaderMap) -> bool {
    let Some(token) = &replica.spec.token else { return true };
    fields.get(AUTHORIZATION).and_then(bearer).is_some_and(|given| same(given, token.as_bytes()))
}

/// 401, and how to do better.
pub(crate) fn refusal(replica: &Replica) -> Response {
    let mut fields = HeaderMap::new();
    answer::declare(&mut fields, replica.bare_declaration.as_ref());
    fields.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    fields.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    response(StatusCode::UNAUTHORIZED, fields, Body::empty())
}

fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = value.as_bytes().split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token.trim_ascii())
}

/// In a time that does not tell how much of it is right.
fn same(given: &[u8], token: &[u8]) -> bool {
    let differing = given.iter().zip(token).fold(0, |differing, (a, b)| differing | (a ^ b));
    differing == 0 && given.len() == token.len()
}
