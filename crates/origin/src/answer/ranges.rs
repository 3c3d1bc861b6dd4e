//! Parts of the content: 206 and 416 (RFC 9110 §14, §15.3.7 and §15.5.17).
//!
//! Which parts is decided by [`semantics::range`].

use std::hash::{BuildHasher as _, RandomState};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use http::{HeaderMap, HeaderValue, StatusCode};
use semantics::range::{ByteRange, Selection};
use semantics::{Method, range};
use server::Selected;
use server::fields::HeaderFields;
use server::response::response;

use crate::state::ResourceState;

/// The parts of the selected representation to send, once the preconditions let it be sent.
pub(super) fn select(
    method: Method,
    fields: &HeaderMap,
    selected: &Selected<'_>,
    current: &ResourceState,
) -> Selection {
    if !fields.contains_key(RANGE) {
        return Selection::Whole;
    }
    let validators = selected.validators(current.strong_date());
    range::select(method, &HeaderFields(fields), &validators, length(selected))
}

/// 206, in one piece or in several; `resumes` where the request had an If-Range.
pub(super) fn partial(
    selected: &Selected<'_>,
    parts: &[ByteRange],
    resumes: bool,
    mut fields: HeaderMap,
) -> Response {
    selected.identify(&mut fields);
    // A client that resumes holds the description already, and is not sent it again (§15.3.7).
    if resumes {
        selected.date_without_tag(&mut fields);
    } else {
        selected.describe(&mut fields);
    }
    let content = if let [part] = parts {
        fields.insert(CONTENT_RANGE, field(&content_range(*part, length(selected))));
        slice(selected, *part)
    } else {
        // Unpredictable, so that nobody can have put it into the content.
        let boundary = format!("{:016x}", RandomState::new().hash_one(parts.len()));
        let multipart = format!("multipart/byteranges; boundary={boundary}");
        fields.insert(CONTENT_TYPE, field(&multipart));
        multipart_content(selected, parts, &boundary)
    };
    fields.insert(CONTENT_LENGTH, HeaderValue::from(content.len()));
    response(StatusCode::PARTIAL_CONTENT, fields, Body::from(content))
}

/// 416, with the length: without it the client cannot ask again for something that exists.
pub(super) fn unsatisfiable(selected: &Selected<'_>, mut fields: HeaderMap) -> Response {
    selected.qualify(&mut fields);
    fields.insert(CONTENT_RANGE, field(&format!("bytes */{}", length(selected))));
    response(StatusCode::RANGE_NOT_SATISFIABLE, fields, Body::empty())
}

/// Each part with the fields that describe it (§14.6).
fn multipart_content(selected: &Selected<'_>, parts: &[ByteRange], boundary: &str) -> Bytes {
    let mut content = Vec::new();
    // A part for each range that was asked for, in the order asked for: to coalesce those that touch
    // would give one part to a client that asked for two.
    for part in parts {
        let range = content_range(*part, length(selected));
        content.extend_from_slice(format!("--{boundary}\r\ncontent-type: ").as_bytes());
        content.extend_from_slice(selected.description.content_type.as_bytes());
        content.extend_from_slice(format!("\r\ncontent-range: {range}\r\n\r\n").as_bytes());
        content.extend_from_slice(&slice(selected, *part));
        content.extend_from_slice(b"\r\n");
    }
    content.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    content.into()
}

fn slice(selected: &Selected<'_>, part: ByteRange) -> Bytes {
    selected.variant.content.slice(part.first as usize..=part.last as usize)
}

fn length(selected: &Selected<'_>) -> u64 {
    selected.variant.content.len() as u64
}

fn content_range(part: ByteRange, length: u64) -> String {
    format!("bytes {}-{}/{length}", part.first, part.last)
}

fn field(value: &str) -> HeaderValue {
    HeaderValue::try_from(value).expect("numbers and punctuation may stand in a field value")
}
