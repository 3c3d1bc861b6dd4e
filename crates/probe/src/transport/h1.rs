//! HTTP/1.1 by hand, so that nothing that a library would hide is lost: bytes after a 304.
//! Everything is bounded: the head, the content, and by the caller the time.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::request::Request;
use super::{Raw, Stream};
use findings::evidence::{Failure, Fields};

/// The longest head that is read; a tag of 64 KB fits.
const LONGEST_HEAD: usize = 256 * 1024;
/// Field lines of one response.
const MOST_FIELDS: usize = 256;
/// Interim responses (1xx) that are passed over.
const MOST_INTERIM: usize = 8;
/// How long to listen for bytes after a response that has no content.
const STRAY_TIME: Duration = Duration::from_millis(100);

/// A connection.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    /// Read and not yet understood.
    buffer: Vec<u8>,
}

struct Head {
    status: u16,
    version: &'static str,
    fields: Fields,
}

impl Connection {
    pub(crate) fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// One exchange, and whether the connection can carry another.
    pub(crate) async fn exchange(
        &mut self,
        request: &Request,
        limit: usize,
    ) -> Result<(Raw, bool), Failure> {
        // A server may answer and close before it has read everything.
        let sent = self.stream.write_all(&request.bytes()).await;
        let flushed = self.stream.flush().await;
        let head = match self.head().await {
            Err(Failure::Cut) if sent.is_err() => return Err(broken(sent)),
            Err(Failure::Cut) if flushed.is_err() => return Err(broken(flushed)),
            head => head?,
        };
        let reusable =
            !head.fields.list("connection").contains("close") && head.version == "HTTP/1.1";
        if matches!(head.status, 204 | 304) {
            let stray_bytes = self.stray().await;
            return Ok((head.raw(Some(Vec::new()), 0, stray_bytes), reusable && stray_bytes == 0));
        }
        let (content, coded_bytes, framed) = self.content(&head.fields, limit).await?;
        let reusable = reusable && framed && content.is_some();
        Ok((head.raw(content, coded_bytes, 0), reusable))
    }

    async fn head(&mut self) -> Result<Head, Failure> {
        for _ in 0..MOST_INTERIM {
            let head = self.one_head().await?;
            if head.status >= 200 {
                return Ok(head);
            }
        }
        Err(Failure::Malformed("interim responses without end".to_owned()))
    }

    async fn one_head(&mut self) -> Result<Head, Failure> {
        loop {
            if let Some(end) = end_of_head(&self.buffer) {
                let rest = self.buffer.split_off(end);
                let head = std::mem::replace(&mut self.buffer, rest);
                return parse(&head);
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(Failure::Malformed("a head of more than 256 KiB".to_owned()));
            }
            self.fill().await?;
        }
    }

    async fn content(
        &mut self,
        fields: &Fields,
        limit: usize,
    ) -> Result<(Option<Vec<u8>>, u64, bool), Failure> {
        if fields.list("transfer-encoding").contains("chunked") {
            return self.chunked(limit).await;
        }
        let Some(length) = fields.text("content-length") else {
            return self.until_end(limit).await;
        };
        let length: u64 = length
            .trim()
            .parse()
            .map_err(|_| Failure::Malformed("Content-Length is no number".to_owned()))?;
        if length > limit as u64 {
            return Ok((None, length, true));
        }
        let content = self.take(length as usize).await?;
        Ok((Some(content), length, true))
    }

    async fn until_end(&mut self, limit: usize) -> Result<(Option<Vec<u8>>, u64, bool), Failure> {
        while self.buffer.len() <= limit {
            match self.fill().await {
                Ok(()) => {}
                Err(Failure::Cut) => {
                    let content = std::mem::take(&mut self.buffer);
                    let length = content.len() as u64;
                    return Ok((Some(content), length, false));
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok((None, self.buffer.len() as u64, false))
    }

    async fn chunked(&mut self, limit: usize) -> Result<(Option<Vec<u8>>, u64, bool), Failure> {
        let mut content = Vec::new();
        loop {
            let line = self.line().await?;
            let digits = line.split(|&byte| byte == b';').next().unwrap_or_default();
            let size = str::from_utf8(digits)
                .ok()
                .and_then(|text| usize::from_str_radix(text.trim(), 16).ok());
            let size =
                size.ok_or_else(|| Failure::Malformed("a chunk without a size".to_owned()))?;
            if size == 0 {
                while !self.line().await?.is_empty() {}
                let length = content.len() as u64;
                return Ok((Some(content), length, true));
            }
            if size > limit || content.len() + size > limit {
                return Ok((None, content.len() as u64, true));
            }
            content.extend(self.take(size).await?);
            self.line().await?;
        }
    }

    async fn line(&mut self) -> Result<Vec<u8>, Failure> {
        loop {
            if let Some(end) = self.buffer.iter().position(|&byte| byte == b'\n') {
                let rest = self.buffer.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.buffer, rest);
                line.truncate(end);
                return Ok(line.strip_suffix(b"\r").unwrap_or(&line).to_vec());
            }
            if self.buffer.len() > 16 * 1024 {
                return Err(Failure::Malformed("a chunk's line of more than 16 KiB".to_owned()));
            }
            self.fill().await?;
        }
    }

    async fn take(&mut self, count: usize) -> Result<Vec<u8>, Failure> {
        while self.buffer.len() < count {
            self.fill().await?;
        }
        let rest = self.buffer.split_off(count);
        Ok(std::mem::replace(&mut self.buffer, rest))
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

    async fn fill(&mut self) -> Result<(), Failure> {
        let mut part = vec![0; 16 * 1024];
        match self.stream.read(&mut part).await {
            Ok(0) => Err(Failure::Cut),
            Ok(count) => {
                self.buffer.extend_from_slice(&part[..count]);
                Ok(())
            }
            // Many TLS servers end without saying so.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Err(Failure::Cut),
            Err(error) => Err(Failure::Broken(error.to_string())),
        }
    }
}

impl Head {
    fn raw(self, content: Option<Vec<u8>>, coded_bytes: u64, stray_bytes: u64) -> Raw {
        let Self { status, version, fields } = self;
        Raw { version, status, fields, content, coded_bytes, stray_bytes }
    }
}

fn broken(result: std::io::Result<()>) -> Failure {
    Failure::Broken(result.err().map_or_else(String::new, |error| error.to_string()))
}

fn end_of_head(buffer: &[u8]) -> Option<usize> {
    let crlf = buffer.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
    let bare = buffer.windows(2).position(|window| window == b"\n\n").map(|at| at + 2);
    match (crlf, bare) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    }
}

fn parse(bytes: &[u8]) -> Result<Head, Failure> {
    let mut lines = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut response = httparse::Response::new(&mut lines);
    let mut config = httparse::ParserConfig::default();
    config.ignore_invalid_headers_in_responses(true);
    let parsed = config.parse_response(&mut response, bytes);
    let problem = |what: &str| Failure::Malformed(what.to_owned());
    match parsed {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Err(problem("an incomplete head")),
        Err(error) => return Err(Failure::Malformed(error.to_string())),
    }
    let status = response.code.ok_or_else(|| problem("no status"))?;
    let version = if response.version == Some(0) { "HTTP/1.0" } else { "HTTP/1.1" };
    let fields = response.headers.iter().map(|field| (field.name, field.value)).collect();
    Ok(Head { status, version, fields })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_end_at_the_first_empty_line_whatever_the_line_ends() {
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody"), Some(25));
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\nA: b\n\nbody"), Some(22));
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\r\n"), None);
    }

    #[test]
    fn what_is_no_response_is_named() {
        for garbage in [&b"SSH-2.0-OpenSSH\r\n\r\n"[..], b"\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"] {
            assert!(matches!(parse(garbage), Err(Failure::Malformed(_))), "{garbage:?}");
        }
        let head = parse(b"HTTP/1.1 200 OK\r\nETag: \"\xff\"\r\n\r\n").map(|head| head.fields);
        let expected: Fields = [("etag", b"\"\xff\"")].into_iter().collect();
        assert_eq!(head, Ok(expected));
    }
}
