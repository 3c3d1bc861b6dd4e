//! The part of a whole response that a client asked for: none of it where its condition says so
//! (RFC 9111 §4.3.2), or a range.

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    DATE, ETAG, LAST_MODIFIED,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, request};
use semantics::range::{ByteRange, Selection, select};
use semantics::{Decision, EntityTag, HttpDate, Method, Validators};
use server::fields::HeaderFields;

// A 304 has no content that they would describe; all other fields guide the client's own store.
const OF_CONTENT: [HeaderName; 6] = [
    ACCEPT_RANGES,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    CONTENT_TYPE,
];

/// The response to a GET with these fields, made of the whole one.
pub(crate) fn selected(request: &request::Parts, mut whole: Response<Bytes>) -> Response<Bytes> {
    if whole.status() != StatusCode::OK {
        return whole;
    }
    let tag = field(whole.headers(), &ETAG).and_then(|value| EntityTag::parse(value).ok());
    let modified = date(whole.headers(), &LAST_MODIFIED);
    // Without a date of change the time of the response counts (RFC 9111 §4.3.2).
    let last_modified = modified.or_else(|| date(whole.headers(), &DATE));
    let fields = HeaderFields(&request.headers);
    let stored = Validators { entity_tag: tag.as_ref(), last_modified };
    if semantics::evaluate(Method::Get, &fields, Some(&stored), None) == Decision::NotModified {
        *whole.status_mut() = StatusCode::NOT_MODIFIED;
        *whole.body_mut() = Bytes::new();
        for name in OF_CONTENT {
            whole.headers_mut().remove(name);
        }
        return whole;
    }
    let stored = Validators { entity_tag: tag.as_ref(), last_modified: modified };
    match select(Method::Get, &fields, &stored, whole.body().len() as u64) {
        Selection::Parts(parts) if parts.len() == 1 => part(whole, parts[0]),
        // Many parts in one are for clients that nobody wrote; the whole answers them as well.
        Selection::Whole | Selection::Parts(_) => whole,
        Selection::Unsatisfiable => unsatisfiable(&whole),
    }
}

fn part(mut whole: Response<Bytes>, ByteRange { first, last }: ByteRange) -> Response<Bytes> {
    let length = whole.body().len();
    *whole.status_mut() = StatusCode::PARTIAL_CONTENT;
    let part = whole.body().slice(first as usize..=last as usize);
    let fields = whole.headers_mut();
    fields.insert(CONTENT_LENGTH, part.len().into());
    describe(fields, &format!("bytes {first}-{last}/{length}"));
    *whole.body_mut() = part;
    whole
}

fn unsatisfiable(whole: &Response<Bytes>) -> Response<Bytes> {
    let mut refusal = server::response::bare(StatusCode::RANGE_NOT_SATISFIABLE);
    describe(refusal.headers_mut(), &format!("bytes */{}", whole.body().len()));
    refusal
}

fn describe(fields: &mut HeaderMap, range: &str) {
    let range = HeaderValue::try_from(range).expect("numbers are field values");
    fields.insert(CONTENT_RANGE, range);
}

fn field<'a>(fields: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    fields.get(name).map(HeaderValue::as_bytes)
}

fn date(fields: &HeaderMap, name: &HeaderName) -> Option<HttpDate> {
    field(fields, name).and_then(|value| HttpDate::parse(value).ok())
}
