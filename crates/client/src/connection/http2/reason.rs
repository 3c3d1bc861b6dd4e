//! Reasons of failures over HTTP/2, in words of our own and few enough to be counted.

use h2::{Error, Reason};
use measure::ErrorReason;

/// Reason of an error of the crate; `known` is that of the connection's end, where it is known.
pub(super) fn of(error: &Error, known: Option<ErrorReason>) -> ErrorReason {
    if let Some(known) = known {
        return known;
    }
    let remote = error.is_remote();
    ErrorReason::Http2(match error.reason() {
        _ if error.is_io() => return ErrorReason::ClosedWithoutResponse,
        Some(Reason::HTTP_1_1_REQUIRED) if remote => "the server asks for HTTP/1.1",
        Some(Reason::REFUSED_STREAM) if remote => "the server refused the stream",
        Some(Reason::ENHANCE_YOUR_CALM) if remote => "the server asks for less (ENHANCE_YOUR_CALM)",
        Some(_) if remote && error.is_reset() => "the server reset the stream",
        Some(Reason::NO_ERROR) if remote => "the server ended the connection (GOAWAY)",
        Some(_) if remote => "the server ended the connection, and says that it is faulty (GOAWAY)",
        Some(Reason::ENHANCE_YOUR_CALM) => "the server sends more than a response may be",
        Some(_) => "the server breaks the rules of HTTP/2",
        None => "the connection has ended",
    })
}

/// True if the server says that it has not begun with the request, so that it may be sent again on a new
/// connection (RFC 9113 §8.7), or has ended a connection as one that was idle.
pub(super) fn is_to_be_repeated(error: &Error) -> bool {
    let is_goaway = error.is_remote() && error.is_go_away();
    // Without a reason no frame has ended it: all numbers of streams are used up, say.
    is_goaway && error.reason() == Some(Reason::NO_ERROR) || error.reason().is_none()
}
