//! HTTP/1.1 messages as bytes (RFC 9112): heads translated for the next hop, content delimited.
//!
//! Nothing here reads or writes a socket by itself, except that a [`Buffer`] can be filled.

mod buffer;
mod fields;
mod reply;
mod request;
mod response;
mod target;

pub(crate) use ::wire::framing::{FramedContent, InvalidFraming};
pub(crate) use buffer::Buffer;
pub(crate) use fields::declaration_line;
pub(crate) use reply::{Reply, write_reply};
pub(crate) use request::{Method, RequestHead, translate_request};
pub(crate) use response::{Addressee, Answer, InvalidResponse, ResponseHead, translate_response};

pub(crate) const MAX_FIELDS: usize = 128;

/// By what this gateway is known in `Via` (RFC 9110 §7.6.3).
const PSEUDONYM: &str = "etag-lab";
