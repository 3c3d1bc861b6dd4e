//! HTTP/1.1 over a socket of our own, so that nothing is lost that a library would hide: bytes
//! after a 304. Everything is bounded: the head, the content, and by the caller the time.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::RawResponse;
use super::request::CheckRequest;
use findings::evidence::{ContentSummary, ExchangeFailure, FieldLines, ObservedResponse};
use wire::dial::Stream;
use wire::framing::{FramedContent, Framing, LineEnds};
use wire::head::{Head, Strictness};

/// Longest head that is read; a tag of 64 KB fits.
const LONGEST_HEAD: usize = 256 * 1024;
/// Interim responses (1xx) that are passed over.
const MOST_INTERIM: usize = 8;
/// Time to listen for bytes after a response that has no content.
const STRAY_TIME: Duration = Duration::from_millis(100);

/// A connection.
pub(crate) struct Http1 {
    stream: Box<dyn Stream>,
    /// Read and not yet understood.
    buffer: Vec<u8>,
}

impl Http1 {
    pub(crate) fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    pub(crate) async fn exchange(
        &mut self,
        request: &CheckRequest,
        limit: usize,
    ) -> Result<RawResponse, ExchangeFailure> {
        let sent = self.send(&request.bytes()).await;
        // A server may answer and close before it has read everything.
        let (head, fields) = match (self.head().await, sent) {
            (Err(ExchangeFailure::Cut), Err(error)) => {
                return Err(ExchangeFailure::Broken(error.to_string()));
            }
            (head, _) => head?,
        };
        let (content, coded_bytes, stray_bytes) =
            if head.framing == Framing::None || request.has_no_content() {
                // Content behind a 304 breaks the next exchange on the connection: it is evidence.
                (Some(Vec::new()), 0, self.stray().await)
            } else {
                let (content, coded_bytes) = self.content(head.framing, limit).await?;
                (content, coded_bytes, 0)
            };
        let is_reusable = head.persistent && content.is_some() && stray_bytes == 0;
        let version = if head.is_http_1_0 { "HTTP/1.0" } else { "HTTP/1.1" };
        let summary = ContentSummary { coded_bytes, stray_bytes, ..ContentSummary::default() };
        let response = ObservedResponse { version, status: head.status, fields, content: summary };
        Ok(RawResponse { response, content, is_reusable })
    }

    async fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    async fn head(&mut self) -> Result<(Head, FieldLines), ExchangeFailure> {
        for _ in 0..MOST_INTERIM {
            let (head, fields) = self.one_head().await?;
            if head.status >= 200 {
                return Ok((head, fields));
            }
        }
        Err(ExchangeFailure::Malformed("interim responses without end".to_owned()))
    }

    async fn one_head(&mut self) -> Result<(Head, FieldLines), ExchangeFailure> {
        loop {
            let mut fields = FieldLines::default();
            // A diagnosis has to see a response that is wrong in the way that clients see it.
            let head = Head::parse(&self.buffer, Strictness::Tolerant, |name, value| {
                fields.push(name, value);
            });
            if let Some(head) =
                head.map_err(|error| ExchangeFailure::Malformed(error.to_string()))?
            {
                self.buffer.drain(..head.len);
                return Ok((head, fields));
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(ExchangeFailure::Malformed("a head of more than 256 KiB".to_owned()));
            }
            self.fill().await?;
        }
    }

    /// The content, unless it is longer than the limit, and its length.
    async fn content(
        &mut self,
        framing: Framing,
        limit: usize,
    ) -> Result<(Option<Vec<u8>>, u64), ExchangeFailure> {
        let mut framed = FramedContent::new(framing, LineEnds::LfToo);
        let mut content = Vec::new();
        loop {
            let taken = framed.decode(&self.buffer, &mut content);
            let taken = taken.map_err(|error| ExchangeFailure::Malformed(error.to_string()))?;
            self.buffer.drain(..taken);
            let length = content.len() as u64;
            let announced = length.saturating_add(framed.announced());
            if announced > limit as u64 {
                // A server may announce a huge chunk and never send it: that would count as read.
                return Ok((None, if framed.is_chunked() { length } else { announced }));
            }
            if framed.is_complete() {
                return Ok((Some(content), length));
            }
            match self.fill().await {
                Err(ExchangeFailure::Cut) if framed.ends_with_connection() => {
                    return Ok((Some(content), length));
                }
                filled => filled?,
            }
        }
    }

    /// Bytes that come after a response without content, for a moment or until the end.
    async fn stray(&mut self) -> u64 {
        let listen = async { while self.buffer.len() < 64 * 1024 && self.fill().await.is_ok() {} };
        // Silence is what a correct server gives.
        let _ = tokio::time::timeout(STRAY_TIME, listen).await;
        let stray = self.buffer.len() as u64;
        self.buffer.clear();
        stray
    }

    async fn fill(&mut self) -> Result<(), ExchangeFailure> {
        // As much as one TLS record holds.
        let mut part = vec![0; 16 * 1024];
        match self.stream.read(&mut part).await {
            Ok(0) => Err(ExchangeFailure::Cut),
            Ok(count) => {
                self.buffer.extend_from_slice(&part[..count]);
                Ok(())
            }
            // Many TLS servers end without saying so.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Err(ExchangeFailure::Cut)
            }
            Err(error) => Err(ExchangeFailure::Broken(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Result of one exchange with a server that sends these bytes and closes.
    async fn exchange(bytes: &[u8], limit: usize) -> Result<RawResponse, ExchangeFailure> {
        let stream = tokio::io::join(std::io::Cursor::new(bytes.to_vec()), tokio::io::sink());
        Http1::new(Box::new(stream)).exchange(&CheckRequest::default(), limit).await
    }

    async fn check(text: &str, content: Option<&str>, coded_bytes: u64, reusable: bool) {
        let exchanged = exchange(text.as_bytes(), 10).await;
        let raw = exchanged.expect("it is a response");
        let seen = raw.content.map(|content| String::from_utf8_lossy(&content).into_owned());
        let expected = (content.map(str::to_owned), coded_bytes, reusable);
        let coded_bytes = raw.response.content.coded_bytes;
        assert_eq!((seen, coded_bytes, raw.is_reusable), expected, "{text}");
    }

    #[tokio::test]
    async fn content_is_read_in_each_framing_and_not_beyond_the_limit() {
        let ok = "HTTP/1.1 200 OK\r\n";
        check(&format!("{ok}Content-Length: 4\r\n\r\nabcd"), Some("abcd"), 4, true).await;
        check(&format!("{ok}Content-Length: 11\r\n\r\nabcd"), None, 11, false).await;
        let chunked = format!("{ok}Transfer-Encoding: chunked\r\n\r\n");
        check(&format!("{chunked}2\r\nab\r\n0\r\n\r\n"), Some("ab"), 2, true).await;
        check(&format!("{chunked}2\nab\n0\n\n"), Some("ab"), 2, true).await;
        check(&format!("{chunked}2\r\nab\r\nffff\r\n"), None, 2, false).await;
        check(&format!("{ok}\r\nabcd"), Some("abcd"), 4, false).await;
        check(&format!("{ok}\r\nabcdefghijk"), None, 11, false).await;
        check("HTTP/1.1 200 OK\nA: b\n\nabcd", Some("abcd"), 4, false).await;
    }

    #[tokio::test]
    async fn bytes_after_a_304_are_counted() {
        let exchanged = exchange(b"HTTP/1.1 304 x\r\nContent-Length: 4\r\n\r\nabcd", 10).await;
        let raw = exchanged.expect("it is a response");
        let stray_bytes = raw.response.content.stray_bytes;
        assert_eq!((raw.content, stray_bytes, raw.is_reusable), (Some(Vec::new()), 4, false));
    }

    #[tokio::test]
    async fn garbage_is_malformed_and_tags_are_octets() {
        for garbage in ["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 abc\r\n\r\n"] {
            let exchanged = exchange(garbage.as_bytes(), 10).await.map(|raw| raw.response.status);
            assert!(
                matches!(exchanged, Err(ExchangeFailure::Malformed(_))),
                "{garbage}: {exchanged:?}"
            );
        }
        let exchanged = exchange(b"HTTP/1.1 200 OK\r\nETag: \"\xff\"\r\n\r\n", 10).await;
        let fields = exchanged.map(|raw| raw.response.fields);
        assert_eq!(fields, Ok([("etag", b"\"\xff\"")].into_iter().collect()));
    }
}
