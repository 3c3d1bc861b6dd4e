//! One request for the resource, and what is current, make one response.
//!
//! The one place that asks for preconditions to be evaluated. Reads no socket, and knows neither
//! other paths nor other methods.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_UNMODIFIED_SINCE, RETRY_AFTER,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use semantics::{Decision, FieldName, Method, RequestFields, Validators};

use crate::replica::Replica;
use crate::representation::Representation;

const REPLICA_FIELD: HeaderName = HeaderName::from_static(truth::REPLICA_FIELD);

/// Seconds after which a replica that has no content yet is worth asking again.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("1");

/// Answers a GET or HEAD for the resource: 200, 304, 412, or 503 before there is any content.
///
/// The map of request fields becomes the map of response fields: it is as good as a new one, and
/// allocated already.
pub(crate) fn answer(replica: &Replica, method: Method, mut fields: HeaderMap) -> Response {
    let Some(current) = replica.current() else {
        return unavailable(replica, fields);
    };
    let validators =
        Validators { entity_tag: current.tag.as_ref().map(|tag| &tag.value), last_modified: None };
    // Without a Last-Modified no date is ever compared, hence no clock.
    let decision = semantics::evaluate(method, &Fields(&fields), Some(&validators), None);
    fields.clear();
    declare(&mut fields, current.declaration.as_ref());
    match decision {
        Decision::Proceed => full(replica, &current, method, fields),
        Decision::NotModified => not_modified(replica, &current, fields),
        Decision::PreconditionFailed => {
            response(StatusCode::PRECONDITION_FAILED, fields, Body::empty())
        }
    }
}

/// 200; the fields of a HEAD are those of the GET, Content-Length included (RFC 9110 §9.3.2).
fn full(
    replica: &Replica,
    current: &Representation,
    method: Method,
    mut fields: HeaderMap,
) -> Response {
    validate_and_store(replica, current, &mut fields);
    fields.insert(CONTENT_TYPE, replica.spec.content_type.clone());
    fields.insert(CONTENT_LENGTH, current.content_length.clone());
    let body = match method {
        Method::Head => Body::empty(),
        Method::Get | Method::Other => Body::from(current.copy.content.clone()),
    };
    response(StatusCode::OK, fields, body)
}

/// 304, with those fields of the 200 that guide the update of what is stored, and none that
/// describe the content it does not carry (RFC 9110 §15.4.5); the server adds Date.
fn not_modified(replica: &Replica, current: &Representation, mut fields: HeaderMap) -> Response {
    validate_and_store(replica, current, &mut fields);
    response(StatusCode::NOT_MODIFIED, fields, Body::empty())
}

/// 503, without a tag: there is nothing yet that a client could revalidate.
fn unavailable(replica: &Replica, mut fields: HeaderMap) -> Response {
    fields.clear();
    declare(&mut fields, replica.bare_declaration.as_ref());
    fields.insert(RETRY_AFTER, RETRY_AFTER_S);
    response(StatusCode::SERVICE_UNAVAILABLE, fields, Body::empty())
}

fn declare(fields: &mut HeaderMap, declaration: Option<&HeaderValue>) {
    if let Some(declaration) = declaration {
        fields.insert(REPLICA_FIELD, declaration.clone());
    }
}

fn validate_and_store(replica: &Replica, current: &Representation, fields: &mut HeaderMap) {
    if let Some(tag) = &current.tag {
        fields.insert(ETAG, tag.field.clone());
    }
    if let Some(cache_control) = &replica.spec.cache_control {
        fields.insert(CACHE_CONTROL, cache_control.clone());
    }
}

fn response(status: StatusCode, fields: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = fields;
    response
}

/// The fields of a request as the rules read them.
struct Fields<'a>(&'a HeaderMap);

impl RequestFields for Fields<'_> {
    fn lines(&self, name: FieldName) -> impl Iterator<Item = &[u8]> {
        let name = match name {
            FieldName::IfMatch => IF_MATCH,
            FieldName::IfNoneMatch => IF_NONE_MATCH,
            FieldName::IfModifiedSince => IF_MODIFIED_SINCE,
            FieldName::IfUnmodifiedSince => IF_UNMODIFIED_SINCE,
        };
        self.0.get_all(name).iter().map(HeaderValue::as_bytes)
    }
}
