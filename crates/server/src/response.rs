//! Responses of given parts, those that carry nothing but their status, and the last one of a
//! connection.

use http::header::CONNECTION;
use http::{HeaderMap, HeaderValue, Response, StatusCode};

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
        Discarded::InPart => closing(answer()),
        Discarded::Malformed => closing(bare(StatusCode::BAD_REQUEST)),
    }
}
