//! One request for the resource, and what is current, make one response.
//!
//! GET and HEAD here, plain ones as octets in [`quick`], PUT in [`put`]. Reads no socket, and knows neither other paths nor other
//! methods.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_RANGE,
    RETRY_AFTER, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use semantics::range::Selection;
use semantics::{Coding, Decision, EntityTag, HttpDate, Method, Validators};
use server::fields::{Fields, Received};

use crate::queries;
use crate::replica::Replica;
use crate::representation::last_modified::Stamp;
use crate::representation::{Representation, Tag, Variant};

mod conditional;
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
    let received = Fields(&fields);
    let selected = Selected::by(replica, &current, &received);
    let decision = conditional::decide(method, &received, Some(&selected.validators()));
    let selection = match decision {
        Decision::Proceed => ranges::select(method, &fields, &selected),
        Decision::NotModified | Decision::PreconditionFailed => Selection::Whole,
    };
    let resumes = fields.contains_key(IF_RANGE);
    fields.clear();
    declare(&mut fields, current.declaration.as_ref());
    match (decision, selection) {
        (Decision::NotModified, _) => not_modified(&selected, fields),
        (Decision::PreconditionFailed, _) => precondition_failed(&selected, fields),
        (Decision::Proceed, Selection::Whole) => full(&selected, method, fields),
        (Decision::Proceed, Selection::Parts(parts)) => {
            ranges::partial(&selected, &parts, resumes, fields)
        }
        (Decision::Proceed, Selection::Unsatisfiable) => ranges::unsatisfiable(&selected, fields),
    }
}

/// The representation that a request selects (RFC 9110 §3.2), in the coding that it asks for.
struct Selected<'a> {
    replica: &'a Replica,
    current: &'a Representation,
    variant: &'a Variant,
    last_modified: Option<Stamp<'a>>,
}

impl<'a> Selected<'a> {
    fn by(replica: &'a Replica, current: &'a Representation, fields: &impl Received) -> Self {
        let variant = if current.varies() {
            current.variant(fields.accept_encoding())
        } else {
            &current.identity
        };
        let last_modified = current.last_modified.as_ref().map(|date| date.stamp());
        Self { replica, current, variant, last_modified }
    }

    fn validators(&self) -> Validators<'a> {
        self.dated(self.last_modified.map(|stamp| stamp.date))
    }

    /// The validators with another date than that of the field.
    fn dated(&self, last_modified: Option<HttpDate>) -> Validators<'a> {
        let entity_tag = self.variant.tag.as_ref().map(|tag| &tag.value);
        Validators { entity_tag, last_modified }
    }

    /// What every response about the selected representation carries: its tag, how to cache it,
    /// and what it was selected by.
    fn identify(&self, fields: &mut HeaderMap) {
        identify(self.replica, self.variant.tag.as_ref(), fields);
    }

    fn vary(&self, fields: &mut HeaderMap) {
        vary(self.replica, fields);
    }

    fn date(&self, fields: &mut HeaderMap) {
        if let Some(last_modified) = self.last_modified {
            last_modified.write(fields);
        }
    }

    /// The date where it is the only validator, so that a stored response keeps one.
    fn date_without_tag(&self, fields: &mut HeaderMap) {
        if self.variant.tag.is_none() {
            self.date(fields);
        }
    }

    fn encoding(&self, fields: &mut HeaderMap) {
        if let Some(coding) = self.variant.coding.map(Coding::as_str) {
            fields.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
    }

    fn content_type(&self) -> &HeaderValue {
        &self.replica.spec.content_type
    }
}

/// What every response about the resource carries, whatever is sent of it: its tag, how to cache it,
/// what it was selected by, and when to come again.
fn identify(replica: &Replica, tag: Option<&Tag>, fields: &mut HeaderMap) {
    if let Some(tag) = tag {
        fields.insert(ETAG, tag.field.clone());
    }
    if let Some(cache_control) = &replica.spec.cache_control {
        fields.insert(CACHE_CONTROL, cache_control.clone());
    }
    vary(replica, fields);
    replica.pace.write(fields);
}

fn vary(replica: &Replica, fields: &mut HeaderMap) {
    if !replica.spec.codings.is_empty() {
        fields.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
}

/// 200; the fields of a HEAD are those of the GET, Content-Length included (RFC 9110 §9.3.2).
fn full(selected: &Selected<'_>, method: Method, mut fields: HeaderMap) -> Response {
    selected.identify(&mut fields);
    selected.date(&mut fields);
    selected.encoding(&mut fields);
    fields.insert(CONTENT_TYPE, selected.content_type().clone());
    fields.insert(CONTENT_LENGTH, selected.variant.content_length.clone());
    fields.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let body = match method {
        Method::Head => Body::empty(),
        Method::Get | Method::Other => Body::from(selected.variant.content.clone()),
    };
    response(StatusCode::OK, fields, body)
}

/// 304, with those fields of the 200 that guide the update of what is stored, and none that
/// describe the content it does not carry (RFC 9110 §15.4.5); the server adds Date.
fn not_modified(selected: &Selected<'_>, mut fields: HeaderMap) -> Response {
    selected.identify(&mut fields);
    selected.date_without_tag(&mut fields);
    response(StatusCode::NOT_MODIFIED, fields, Body::empty())
}

/// 412: which tag did not match depends on what the request selects. Its length is said to a HEAD,
/// too (RFC 9110 §9.3.2).
fn precondition_failed(selected: &Selected<'_>, mut fields: HeaderMap) -> Response {
    selected.vary(&mut fields);
    fields.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    response(StatusCode::PRECONDITION_FAILED, fields, Body::empty())
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

pub(crate) fn response(status: StatusCode, fields: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = fields;
    response
}
