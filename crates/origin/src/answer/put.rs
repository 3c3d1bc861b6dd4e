//! PUT: new content for the resource, under the condition that the client knows the old one
//! (RFC 9110 §9.3.4 and §13.1.1, RFC 6585 §3).
//!
//! The content is stored as it comes, in no coding, and under the media type that the replica is
//! configured with. Preconditions are evaluated twice, before the content comes (for `Expect:
//! 100-continue`) and under the lock under which the copy is replaced, so that exactly one of many
//! writers wins each tag. A PUT without a length is refused: an accident would empty the resource.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_MATCH,
    IF_NONE_MATCH, RETRY_AFTER, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use semantics::{Decision, EntityTag, Method};
use server::content::{self, discard};
use server::fields::HeaderFields;
use server::response::{after, bare, closing, response};
use server::selected;
use tokio::task::spawn_blocking;

use super::{RETRY_AFTER_S, declare};
use crate::answer::writers;
use crate::replica::{PutOutcome, Replica};
use crate::shared_tags;
use crate::state::ResourceState;

/// Answers a PUT at the resource of a replica that can be written: 201 or 204 when it is done.
pub(crate) async fn put(replica: Arc<Replica>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    if let Some(refusal) = writers::refusal(&replica, &head) {
        return after(discard(&head.headers, body).await, || refusal);
    }
    let tag = shared_tags::reader::tag(&replica).await;
    if let Some(refusal) = refusal(&replica, &head.headers, tag.as_ref()) {
        return after(discard(&head.headers, body).await, || refusal);
    }
    let content = match content::read(body, replica.spec.max_content_bytes, &replica.memory).await {
        Ok(content) => content,
        Err(status) => return closing(unread(status)),
    };
    let storing = move || store(&replica, &head.headers, &content.bytes, tag.as_ref());
    spawn_blocking(storing).await.unwrap_or_else(|error| {
        tracing::error!(%error, "put ended early");
        bare(StatusCode::INTERNAL_SERVER_ERROR)
    })
}

/// The answer to a content that could not be read.
fn unread(status: StatusCode) -> Response {
    let mut refusal = bare(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        // Others are being received, and soon stored.
        refusal.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S);
    }
    refusal
}

/// Refusal for which the content need not be read.
fn refusal(
    replica: &Replica,
    fields: &HeaderMap,
    shared_tag: Option<&EntityTag>,
) -> Option<Response> {
    if fields.contains_key(CONTENT_RANGE) {
        // A part of a content must not replace the whole (RFC 9110 §14.5).
        return Some(bare(StatusCode::BAD_REQUEST));
    }
    if !fields.contains_key(CONTENT_LENGTH) && !fields.contains_key(TRANSFER_ENCODING) {
        // Without either, the content is empty (RFC 9112 §6.3): seldom what is meant.
        return Some(bare(StatusCode::LENGTH_REQUIRED));
    }
    let has_coding = |value: &HeaderValue| {
        let value = value.as_bytes().trim_ascii();
        !value.is_empty() && !value.eq_ignore_ascii_case(b"identity")
    };
    if fields.get_all(CONTENT_ENCODING).iter().any(has_coding) {
        let mut refusal = bare(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        // Says that it was the coding, and which would do (RFC 9110 §12.5.3).
        refusal.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        return Some(refusal);
    }
    let length = fields.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|bytes: u64| bytes > replica.spec.max_content_bytes) {
        return Some(bare(StatusCode::PAYLOAD_TOO_LARGE));
    }
    if replica.spec.require_if_match && !is_conditional(fields) {
        return Some(bare(StatusCode::PRECONDITION_REQUIRED));
    }
    // What is wrong without any precondition comes before the preconditions (RFC 9110 §13.2.1).
    let current = replica.current(shared_tag);
    let decision = decide(replica, current.as_deref(), fields);
    (decision != Decision::Proceed).then(|| failed(replica, current.as_deref(), fields))
}

/// Returns true if the client names what it means to replace, or means to replace nothing.
fn is_conditional(fields: &HeaderMap) -> bool {
    let is_star = |value: &HeaderValue| value.as_bytes().trim_ascii() == b"*";
    fields.contains_key(IF_MATCH) || fields.get(IF_NONE_MATCH).is_some_and(is_star)
}

fn decide(replica: &Replica, current: Option<&ResourceState>, fields: &HeaderMap) -> Decision {
    let fields = HeaderFields(fields);
    match current {
        Some(current) => {
            current.select(&replica.description, &fields).decide(Method::Other, &fields)
        }
        None => selected::decide(Method::Other, &fields, None),
    }
}

/// Makes the change and returns what became of it. Blocks on file I/O.
fn store(
    replica: &Replica,
    fields: &HeaderMap,
    content: &Bytes,
    shared_tag: Option<&EntityTag>,
) -> Response {
    let may =
        |current: Option<&ResourceState>| decide(replica, current, fields) == Decision::Proceed;
    match replica.put(content, shared_tag, may) {
        Ok(PutOutcome::Stored { now, is_first }) => {
            let status = if is_first { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
            done(status, replica, &now, fields, content)
        }
        Ok(PutOutcome::Refused(current)) => failed(replica, current.as_deref(), fields),
        Err(error) => {
            tracing::warn!(%error, "content cannot be stored");
            bare(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

fn done(
    status: StatusCode,
    replica: &Replica,
    stored: &ResourceState,
    fields: &HeaderMap,
    content: &Bytes,
) -> Response {
    let variant = stored.select(&replica.description, &HeaderFields(fields)).variant;
    let mut fields = HeaderMap::new();
    declare(&mut fields, stored.representation.declaration.as_ref());
    // The new tag goes with it only if it is that of the very bytes that were sent (RFC 9110 §9.3.4):
    // not when somebody wrote to the file at the same time, and not when a client that asks for a
    // coding would be sent other bytes.
    if let Some(tag) = &variant.tag
        && variant.content == *content
    {
        fields.insert(ETAG, tag.field.clone());
    }
    response(status, fields, Body::empty())
}

fn failed(replica: &Replica, current: Option<&ResourceState>, asked: &HeaderMap) -> Response {
    let mut fields = HeaderMap::new();
    if let Some(current) = current {
        current.select(&replica.description, &HeaderFields(asked)).precondition_failed(fields)
    } else {
        declare(&mut fields, replica.bare_declaration.as_ref());
        response(StatusCode::PRECONDITION_FAILED, fields, Body::empty())
    }
}
