//! The text that `curl -v` prints: `>` what was sent, `<` what came, `*` what curl says.
//! Content is taken where the log holds it whole, by its Content-Length.

mod trace;

use super::har::asked;
use super::{Captured, ImportError, evidence};
use ::wire::coding::decode_all;
use findings::evidence::{ContentSummary, Evidence, EvidenceSource, FieldLines, ObservedResponse};

/// The longest content that is decoded.
const LONGEST: usize = 8 * 1024 * 1024;

/// Evidence from the output of `curl -v` (or `--trace`), once or many times in a row, for one URL or the one
/// polled most often.
pub fn wire(text: &[u8], url: Option<&str>) -> Result<Evidence, ImportError> {
    let text = trace::as_verbose(text);
    let mut log = Log { rest: &text, kept: false, secure: false };
    let captured: Vec<_> = std::iter::from_fn(|| log.exchange()).collect();
    if captured.is_empty() {
        let asks = text.windows(6).any(|window| window == b"> GET ");
        return Err(if asks { ImportError::Unanswered } else { ImportError::NotWire });
    }
    evidence(captured, url, EvidenceSource::Wire)
}

/// Text left to read, and what curl said about the connection.
struct Log<'a> {
    rest: &'a [u8],
    kept: bool,
    secure: bool,
}

impl<'a> Log<'a> {
    /// The next GET with a response.
    fn exchange(&mut self) -> Option<Captured> {
        loop {
            let path = self.request_line()?;
            let sent = self.fields(b"> ");
            let Some((status, version)) = self.status_line() else { continue };
            let fields = self.fields(b"< ");
            let content = self.content(&fields);
            let host = sent.text("host").unwrap_or_default();
            let scheme = if self.secure { "https" } else { "http" };
            let decoded = content.and_then(|content| {
                decode_all(&fields.list("content-encoding"), content.to_vec(), LONGEST).ok()
            });
            let coded_bytes = content.map_or(0, <[u8]>::len) as u64;
            let content = ContentSummary { coded_bytes, ..ContentSummary::default() };
            return Some(Captured {
                url: format!("{scheme}://{host}{path}"),
                is_kept: self.kept,
                asked: asked(&sent),
                outcome: Ok(ObservedResponse { version, status, fields, content }),
                content: decoded,
            });
        }
    }

    /// Skips to the next request line and gives its path.
    fn request_line(&mut self) -> Option<String> {
        loop {
            let line = self.line()?;
            if contains(line, b"Connected to ") {
                (self.kept, self.secure) = (false, false);
            } else if contains(line, b"e-using existing ") {
                self.kept = true;
            } else if contains(line, b"SSL connection using") {
                self.secure = true;
            }
            // A content without a line feed at its end stands before the mark.
            let Some(rest) = line.strip_prefix(b"> GET ") else { continue };
            let path = rest.split(|&byte| byte == b' ').next()?;
            return Some(String::from_utf8_lossy(path).into_owned());
        }
    }

    /// The final status; interim ones are passed over.
    fn status_line(&mut self) -> Option<(u16, &'static str)> {
        loop {
            let before = self.rest;
            let line = self.line()?;
            if line.starts_with(b"> GET ") {
                self.rest = before;
                return None;
            }
            let Some(rest) = line.strip_prefix(b"< HTTP/") else { continue };
            let text = String::from_utf8_lossy(rest).into_owned();
            let mut words = text.split(' ');
            let version = if words.next() == Some("2") { "HTTP/2" } else { "HTTP/1.1" };
            let status = words.next().and_then(|status| status.parse().ok())?;
            if status >= 200 {
                return Some((status, version));
            }
        }
    }

    /// Lines with this mark up to an empty one; what curl says in between is passed over.
    fn fields(&mut self, mark: &[u8]) -> FieldLines {
        let mut fields = FieldLines::default();
        loop {
            let before = self.rest;
            let Some(line) = self.line() else { return fields };
            if is_noise(line) {
                continue;
            }
            if line == mark.trim_ascii_end() || line == mark {
                return fields;
            }
            let Some(field) = line.strip_prefix(mark) else {
                self.rest = before;
                return fields;
            };
            let text = String::from_utf8_lossy(field);
            if let Some((name, value)) = text.split_once(':') {
                fields.push(name, value.as_bytes());
            }
        }
    }

    /// As many bytes as the response announces, if they are there.
    fn content(&mut self, fields: &FieldLines) -> Option<&'a [u8]> {
        // What curl says of itself may come before the content, which it writes when it ends.
        while is_noise(self.rest) {
            self.line()?;
        }
        let length: usize = fields.text("content-length")?.trim().parse().ok()?;
        let content = self.rest.get(..length)?;
        let after = &self.rest[length..];
        let ends = after.trim_ascii_start();
        let is_whole = ends.is_empty()
            || is_noise(after)
            || [&b"* "[..], b"> ", b"% Total"].iter().any(|mark| ends.starts_with(mark));
        // Without its content the log goes on with the next request.
        if !is_whole || content.starts_with(b"> ") {
            return None;
        }
        self.rest = after;
        Some(content)
    }

    fn line(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|&byte| byte == b'\n').unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

/// A line of curl's own: what it does, how many bytes went by, how fast.
fn is_noise(line: &[u8]) -> bool {
    let marks = [&b"* "[..], b"{ [", b"} [", b"\r", b"  % Total", b"                   "];
    marks.iter().any(|mark| line.starts_with(mark))
}

fn contains(line: &[u8], words: &[u8]) -> bool {
    line.windows(words.len()).any(|window| window == words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use findings::Check;

    fn exchange(sent: &str, status: &str, tag: &str, content: &str) -> String {
        let condition =
            if sent.is_empty() { String::new() } else { format!("> If-None-Match: {sent}\r\n") };
        format!(
            "* Connected to a.example (10.0.0.1) port 80\n> GET /config HTTP/1.1\r\n> Host: \
             a.example\r\n{condition}> \r\n* Request completely sent off\n< HTTP/1.1 {status}\r\n< \
             ETag: {tag}\r\n< Content-Length: 2\r\n< \r\n{content}* Connection #0 left intact\n"
        )
    }

    fn first_finding(text: &str) -> &'static str {
        let check = Check::of(&wire(text.as_bytes(), None).expect("it is a log of curl"));
        assert_eq!(check.target, "http://a.example/config");
        check.findings[0].kind.name
    }

    #[test]
    fn polls_with_contents_are_judged_by_their_hashes() {
        let log = [
            exchange("", "200 OK", "\"a1\"", "{}"),
            exchange("\"a1\"", "200 OK", "\"b2\"", "{}"),
            exchange("\"b2\"", "200 OK", "\"a1\"", "{}"),
        ];
        assert_eq!(first_finding(&log.concat()), "node-local-tag");
        assert_eq!(first_finding(&log[..1].concat()), "inconclusive");
    }

    #[test]
    fn without_contents_a_tag_that_comes_back_tells() {
        let log = [
            exchange("", "200 OK", "\"a1\"", ""),
            exchange("\"a1\"", "200 OK", "\"b2\"", ""),
            exchange("\"b2\"", "200 OK", "\"a1\"", ""),
        ];
        assert_eq!(first_finding(&log.concat()), "node-local-tag");
        assert_eq!(first_finding(&log[..2].concat()), "inconclusive");
    }

    #[test]
    fn what_holds_no_request_is_refused() {
        for text in ["", "HTTP/1.1 200 OK\r\n", "> POST / HTTP/1.1\r\n> \r\n"] {
            assert_eq!(wire(text.as_bytes(), None).err(), Some(ImportError::NotWire), "{text}");
        }
    }
}
