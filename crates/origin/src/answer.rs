//! Answers one request for the resource from what is current.
//!
//! GET and HEAD here, plain ones as octets that were prepared before in [`quick`], PUT in [`put`].
//! Reads no socket, and knows neither other paths nor other methods.

use axum::body::Body;
use axum::response::Response;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, IF_RANGE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use semantics::range::Selection;
use semantics::{Decision, EntityTag, Method};
use server::fields::HeaderFields;
use server::response::response;
use server::{Plain, Prepared};
use strategies::Computed;

use crate::connection;
use crate::replica::Replica;

mod put;
mod ranges;
mod writers;

pub(crate) use put::put;

const REPLICA_FIELD: HeaderName = HeaderName::from_static(truth::REPLICA_FIELD);

// A deploy is due within a second or so of the start, and brings the first content.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("1");

/// Answers a plain read of the resource, and counts it; `None` leaves it to [`polled`].
pub(crate) fn quick(replica: &Replica, request: &Plain<'_>) -> Option<Prepared> {
    let spec = &replica.spec;
    // What has to ask a store, make its tag for each request or look at a token first is held by
    // nobody as octets.
    let is_held = spec.strategy.computed == Computed::OnChange && spec.database.is_none();
    let is_for_all = replica.shared_tags.is_none() && spec.token.is_none();
    if !is_held || !is_for_all || request.path != spec.path {
        return None;
    }
    let current = replica.current(None)?;
    let mut fields = HeaderMap::new();
    replica.poll_interval.write(&mut fields);
    let selected = current.select(&replica.description, request);
    let (status, answer) = selected.prepared(request, fields)?;
    // No query was sent: what is held was made before.
    replica.accounts.answered(status, 0);
    Some(answer)
}

/// Answers a GET or HEAD for the resource, and counts it. `shared_tag` was read from a shared store
/// before.
pub(crate) fn polled(
    replica: &Replica,
    method: Method,
    fields: HeaderMap,
    shared_tag: Option<&EntityTag>,
) -> Response {
    let (response, queries) = connection::counted(|| answer(replica, method, fields, shared_tag));
    replica.accounts.answered(response.status(), queries);
    response
}

/// 200, 206, 304, 412, 416, or 503 before there is any content.
fn answer(
    replica: &Replica,
    method: Method,
    mut fields: HeaderMap,
    shared_tag: Option<&EntityTag>,
) -> Response {
    let Some(current) = replica.current(shared_tag) else { return unavailable(replica) };
    let received = HeaderFields(&fields);
    let selected = current.select(&replica.description, &received);
    let decision = selected.decide(method, &received);
    let selection = match decision {
        Decision::Proceed => ranges::select(method, &fields, &selected, &current),
        Decision::NotModified | Decision::PreconditionFailed => Selection::Whole,
    };
    let resumes = fields.contains_key(IF_RANGE);
    // From here on the map is that of the response: it is allocated already.
    fields.clear();
    if decision == Decision::PreconditionFailed {
        return selected.precondition_failed(fields);
    }
    if selection == Selection::Unsatisfiable {
        return ranges::unsatisfiable(&selected, fields);
    }
    replica.poll_interval.write(&mut fields);
    match (decision, selection) {
        (Decision::NotModified, _) => selected.not_modified(fields),
        (_, Selection::Parts(parts)) => ranges::partial(&selected, &parts, resumes, fields),
        _ => selected.full(method, fields),
    }
}

fn unavailable(replica: &Replica) -> Response {
    // Without a tag: there is nothing yet that a client could revalidate.
    let mut fields = HeaderMap::new();
    declare(&mut fields, replica.bare_declaration.as_ref());
    fields.insert(RETRY_AFTER, RETRY_AFTER_S);
    response(StatusCode::SERVICE_UNAVAILABLE, fields, Body::empty())
}

/// 500, where there is no answer without a store.
pub(crate) fn failed(replica: &Replica) -> Response {
    let mut fields = HeaderMap::new();
    declare(&mut fields, replica.bare_declaration.as_ref());
    replica.accounts.answered(StatusCode::INTERNAL_SERVER_ERROR, 0);
    response(StatusCode::INTERNAL_SERVER_ERROR, fields, Body::empty())
}

pub(crate) fn declare(fields: &mut HeaderMap, declaration: Option<&HeaderValue>) {
    if let Some(declaration) = declaration {
        fields.insert(REPLICA_FIELD, declaration.clone());
    }
}

/// Returns true if a request with these fields may see the resource: it has the bearer token, where
/// there is one (RFC 6750 §2.1).
pub(crate) fn is_granted(replica: &Replica, fields: &HeaderMap) -> bool {
    let Some(token) = &replica.spec.token else { return true };
    let token = token.reveal().as_bytes();
    let given = fields.get(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.as_bytes().split_at_checked("Bearer ".len())?;
        scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token.trim_ascii())
    });
    given.is_some_and(|given| {
        // Every octet is compared, so that the time does not show how many of them are right.
        let differing = given.iter().zip(token).fold(0, |differing, (a, b)| differing | (a ^ b));
        differing == 0 && given.len() == token.len()
    })
}

/// 401, and how to do better.
pub(crate) fn unauthorized(replica: &Replica) -> Response {
    let mut fields = HeaderMap::new();
    declare(&mut fields, replica.bare_declaration.as_ref());
    fields.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    fields.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    response(StatusCode::UNAUTHORIZED, fields, Body::empty())
}
