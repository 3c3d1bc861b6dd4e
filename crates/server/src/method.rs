//! Methods of HTTP.

use http::Method;

/// Methods are case-sensitive, and those that nobody knows are another matter than those that are
/// not allowed here (RFC 9110 §9.1).
pub fn is_known(method: &Method) -> bool {
    [
        Method::GET,
        Method::HEAD,
        Method::PUT,
        Method::POST,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ]
    .contains(method)
}
