//! Responses of given parts, those that carry nothing but their status, the last one of a
//! connection, and the answers to methods that nothing is read by.

use http::header::{ALLOW, CONNECTION};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};

use crate::content::Discarded;

/// A response without fields or content, after which the connection goes on.
pub fn bare<B: Default>(status: StatusCode) -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = status;
    response
}

/// A response with these fields and this content.
pub fn response<B>(status: StatusCode, fields: HeaderMap, content: B) -> Response<B> {
    let mut response = Response::new(content);
    *response.status_mut() = status;
    *response.headers_mut() = fields;
    response
}

/// The same response as the last one on its connection: what follows is unread or cannot be
/// trusted.
#[must_use]
pub fn closing<B>(mut response: Response<B>) -> Response<B> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The answer that is due once the content of its request was read away.
pub fn after<B: Default>(
    discarded: Discarded,
    answer: impl FnOnce() -> Response<B>,
) -> Response<B> {
    match discarded {
        Discarded::Whole => answer(),
        // What is left of it would be read as the next request.
        Discarded::InPart => closing(answer()),
        Discarded::Malformed => closing(bare(StatusCode::BAD_REQUEST)),
    }
}

/// The answer to a method other than GET and HEAD that nothing here carries out, or to a target
/// where nothing is; `allowed` is the value of `Allow`.
pub fn no_read<B: Default>(
    method: &Method,
    is_there: bool,
    path: &str,
    allowed: &'static str,
) -> Response<B> {
    use Method as M;
    // Methods are case-sensitive, and those that nobody knows are another matter than those that
    // are not allowed here (RFC 9110 §9.1).
    let known =
        [M::GET, M::HEAD, M::PUT, M::POST, M::DELETE, M::PATCH, M::OPTIONS, M::TRACE, M::CONNECT];
    let status = match *method {
        _ if !known.contains(method) => StatusCode::NOT_IMPLEMENTED,
        // There is nothing to connect to, wherever it may be.
        Method::CONNECT => StatusCode::METHOD_NOT_ALLOWED,
        Method::OPTIONS if is_there || path == "*" => StatusCode::NO_CONTENT,
        _ if is_there => StatusCode::METHOD_NOT_ALLOWED,
        _ => StatusCode::NOT_FOUND,
    };
    let mut response = bare(status);
    if matches!(status, StatusCode::NO_CONTENT | StatusCode::METHOD_NOT_ALLOWED) {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    }
    response
}
