//! The content of a request, read whole or read away.
//!
//! What it means is the business of its method.

use std::time::Duration;

use bytes::Bytes;
use http::header::EXPECT;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::time::timeout;

// So much of a content that nobody wants is read, to keep the connection and not to reset it while
// the client still writes; beyond that it is closed.
const DISCARDED_BYTES: usize = 1024 * 1024;

const DISCARD_FOR: Duration = Duration::from_secs(1);

// Content that is wanted may be long, so its pauses are limited and not its time.
const PAUSE: Duration = Duration::from_secs(10);

/// Result of reading content away that changes nothing about the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discarded {
    /// It was read to its end: the next request comes after it.
    Whole,
    /// It was too long, too slow, or the client still waits to be asked for it.
    InPart,
    /// Chunks that are none, or an end before the announced one: nobody knows where the next
    /// request begins (RFC 9112 §8).
    Malformed,
}

/// Reads a content of at most `limit` bytes; an error is the status of the answer.
pub async fn read(
    mut body: impl Body<Data = Bytes> + Unpin,
    limit: u64,
) -> Result<Bytes, StatusCode> {
    let mut content = Vec::new();
    let stalled = |_| StatusCode::REQUEST_TIMEOUT;
    while let Some(frame) = timeout(PAUSE, body.frame()).await.map_err(stalled)? {
        // Chunks that are none, or an end before the announced one.
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        // Trailers mean nothing here, and are dropped (RFC 9110 §6.5.1).
        let Ok(data) = frame.into_data() else { continue };
        if content.len() as u64 + data.len() as u64 > limit {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        content.extend_from_slice(&data);
    }
    Ok(content.into())
}

/// Reads away a content that changes nothing about the answer; of one that is long or slow in
/// coming only a part.
pub async fn discard(fields: &HeaderMap, body: impl Body<Data = Bytes> + Unpin) -> Discarded {
    // A client that waits to be told to send it will see the answer instead (RFC 9110 §10.1.1).
    let waits = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
    if !body.is_end_stream() && fields.get(EXPECT).is_some_and(waits) {
        return Discarded::InPart;
    }
    timeout(DISCARD_FOR, read_away(body)).await.unwrap_or(Discarded::InPart)
}

async fn read_away(mut body: impl Body<Data = Bytes> + Unpin) -> Discarded {
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Discarded::Malformed };
        bytes += frame.data_ref().map_or(0, Bytes::len);
        if bytes > DISCARDED_BYTES {
            return Discarded::InPart;
        }
    }
    Discarded::Whole
}
