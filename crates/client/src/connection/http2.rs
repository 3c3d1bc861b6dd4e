//! Exchanges over HTTP/2 (RFC 9113): many at once on one connection, each on a stream of its own, on the
//! client of the crate `h2`.
//!
//! What counts as HTTP is the payload of HEADERS and CONTINUATION frames, which is the fields as HPACK
//! packs them, and that of DATA frames, without padding. Frame headers, padding and all other frames are
//! framing, and counted as such (`frames`). So nginx's `$request_length` is the same number; its
//! `$bytes_sent` counts nine octets more for each of these frames.
//!
//! A response is handed on as the head that it would have over HTTP/1.1: whatever reads heads reads it, and
//! judges it by the same rules.

#[cfg(not(feature = "http2"))]
mod absent;
#[cfg(feature = "http2")]
mod exchange;
#[cfg(feature = "http2")]
mod frames;
#[cfg(feature = "http2")]
mod message;
#[cfg(feature = "http2")]
mod reason;
#[cfg(feature = "http2")]
mod socket;

#[cfg(not(feature = "http2"))]
pub(crate) use self::absent::{FramingMeter, Socket};
#[cfg(feature = "http2")]
pub(crate) use self::frames::FramingMeter;
#[cfg(feature = "http2")]
pub(crate) use self::socket::Socket;
