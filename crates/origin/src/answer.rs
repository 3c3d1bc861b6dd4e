//! Answers one request for the resource from what is current.
//!
//! GET and HEAD here, plain ones as octets in [`quick`], PUT in [`put`]. Reads no socket, and knows
//! neither other paths nor other methods.

use axum::body::Body;
use axum::response::Response;
use http::header::{IF_RANGE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use semantics::range::Selection;
use semantics::{Decision, EntityTag, Method};
use server::fields::HeaderFields;
use server::response::response;

use crate::queries;
use crate::replica::Replica;

mod put;
mod quick;
mod ranges;
mod unrendered;

pub(crate) use put::put;
pub(crate) use quick::quick;
pub(crate) use unrendered::Unrendered;

const REPLICA_FIELD: HeaderName = HeaderName::from_static(truth::REPLICA_FIELD);

/// Seconds after which a replica that has no content yet is worth asking again.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("1");

/// Answers a GET or HEAD for the resource, and counts it.
pub(crate) fn polled(replica: &Replica, method: Method, fields: HeaderMap) -> Response {
    polled_with(replica, method, fields, None)
}

/// The same under a tag that was read from a shared store before.
pub(crate) fn polled_with(
    replica: &Replica,
    method: Method,
    fields: HeaderMap,
    shared_tag: Option<&EntityTag>,
) -> Response {
    let (response, queries) = queries::counted(|| answer(replica, method, fields, shared_tag));
    replica.accounts.answered(response.status(), queries);
    response
}

/// 200, 206, 304, 412, 416, or 503 before there is any content.
///
/// The map of request fields becomes the map of response fields: it is as good as a new one, and
/// allocated already.
fn answer(
    replica: &Replica,
    method: Method,
    mut fields: HeaderMap,
    shared_tag: Option<&EntityTag>,
) -> Response {
    let Some(current) = replica.current(shared_tag) else {
        return unavailable(replica, fields);
    };
    let received = HeaderFields(&fields);
    let selected = current.select(&replica.description, &received);
    let decision = selected.decide(method, &received);
    let selection = match decision {
        Decision::Proceed => ranges::select(method, &fields, &selected, &current),
        Decision::NotModified | Decision::PreconditionFailed => Selection::Whole,
    };
    let resumes = fields.contains_key(IF_RANGE);
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

/// 503, without a tag: there is nothing yet that a client could revalidate.
fn unavailable(replica: &Replica, mut fields: HeaderMap) -> Response {
    fields.clear();
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
