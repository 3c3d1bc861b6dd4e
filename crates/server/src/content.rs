//! The content of a request, read whole or read away.
//!
//! What it means is the business of its method.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::EXPECT;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

// So much of a content that nobody wants is read, to keep the connection and not to reset it while
// the client still writes; beyond that it is closed.
const DISCARDED_BYTES: usize = 1024 * 1024;

const DISCARD_FOR: Duration = Duration::from_secs(1);

// Content that is wanted may be long, so its pauses are limited and not its time.
const PAUSE: Duration = Duration::from_secs(10);

/// Usual memory for all contents that are being received or stored, in bytes.
pub const MEMORY_BYTES: u32 = 256 << 20;

/// The memory that all contents of a server may take together, whoever sends them: many clients must
/// not take what one may.
#[derive(Clone, Debug)]
pub struct Memory(Arc<Semaphore>);

impl Memory {
    /// So many bytes.
    pub fn new(bytes: u32) -> Self {
        Self(Arc::new(Semaphore::new(bytes as usize)))
    }

    fn share(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).ok()?;
        Arc::clone(&self.0).try_acquire_many_owned(bytes).ok()
    }
}

/// A content read whole; gives its memory back when it is dropped.
#[derive(Debug)]
pub struct Content {
    /// The content itself; whoever clones it takes memory that nobody counts.
    pub bytes: Bytes,
    _share: Option<OwnedSemaphorePermit>,
}

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

/// Reads a content of at most `limit` bytes; an error is the status of the answer, and 503 means that
/// there is no memory for it now.
pub async fn read(
    mut body: impl Body<Data = Bytes> + Unpin,
    limit: u64,
    memory: &Memory,
) -> Result<Content, StatusCode> {
    let (mut content, mut share) = (Vec::new(), None);
    let stalled = |_| StatusCode::REQUEST_TIMEOUT;
    while let Some(frame) = timeout(PAUSE, body.frame()).await.map_err(stalled)? {
        // Chunks that are none, or an end before the announced one.
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        // Trailers mean nothing here, and are dropped (RFC 9110 §6.5.1).
        let Ok(data) = frame.into_data() else { continue };
        if content.len() as u64 + data.len() as u64 > limit {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        if content.capacity() - content.len() < data.len() {
            // Not twice as much, as a vector grows by itself: it would be counted, and be idle.
            let more = data.len().max(content.len() / 4);
            let grown = memory.share(more).ok_or(StatusCode::SERVICE_UNAVAILABLE)?;
            content.reserve_exact(more);
            merge(&mut share, grown);
        }
        content.extend_from_slice(&data);
    }
    Ok(Content { bytes: content.into(), _share: share })
}

fn merge(share: &mut Option<OwnedSemaphorePermit>, grown: OwnedSemaphorePermit) {
    match share {
        Some(share) => share.merge(grown),
        None => *share = Some(grown),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::Full;

    /// Status of reading so many bytes, where they are not read.
    async fn check(bytes: usize, memory: &Memory) -> Result<Content, StatusCode> {
        read(Full::new(Bytes::from(vec![b'x'; bytes])), 100, memory).await
    }

    #[tokio::test]
    async fn contents_share_one_memory_and_give_it_back() {
        let memory = Memory::new(100);
        let first = check(60, &memory).await;
        assert_eq!(first.as_ref().map(|content| content.bytes.len()), Ok(60));
        assert_eq!(check(60, &memory).await.err(), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert!(check(40, &memory).await.is_ok());
        drop(first);
        assert!(check(100, &memory).await.is_ok());
        assert_eq!(check(101, &memory).await.err(), Some(StatusCode::PAYLOAD_TOO_LARGE));
    }
}
