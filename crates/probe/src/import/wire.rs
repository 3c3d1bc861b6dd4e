//! The text that `curl -v` prints: `>` what was sent, `<` what came, `*` what curl says.
//! Content is taken where the log holds it whole, by its Content-Length.

mod log;
mod trace;

use std::io::Read;

use super::bounds::{Kept, bounded};
use super::har::asked;
use super::{Captured, ImportError, evidence};
use ::wire::coding::decode_all;
use findings::evidence::{ContentSummary, Evidence, EvidenceSource, ObservedResponse};
use log::Log;

/// The longest content that is decoded.
const LONGEST: usize = 8 * 1024 * 1024;

/// Evidence from the output of `curl -v` (or `--trace`), once or many times in a row, for one URL or the one
/// polled most often.
///
/// Reads no more than a gibibyte, and keeps no more than 100,000 exchanges.
pub fn wire(input: impl Read, url: Option<&str>) -> Result<Evidence, ImportError> {
    let (input, bounds) = bounded(input);
    let mut log = Log::of(input, &bounds);
    let mut kept = Kept::of(url);
    let (mut asks, mut answers) = (false, false);
    while let Some(path) = log.request_line() {
        asks = true;
        let Some((mut one, content)) = exchange(&mut log, &path) else { continue };
        answers = true;
        if kept.wants(&one.url) {
            if let Some(content) = content {
                kept.samples.digest(&mut one, &content);
            }
            kept.push(one)?;
        }
    }
    if let Some(error) = log.failed {
        return Err(bounds.reason(&error));
    }
    match (asks, answers) {
        (false, _) => Err(ImportError::NotWire),
        (true, false) => Err(ImportError::Unanswered),
        (true, true) => evidence(kept, EvidenceSource::Wire),
    }
}

/// A GET of this path and its response, with its content, decoded; `None` without a response.
fn exchange<R: Read>(log: &mut Log<'_, R>, path: &str) -> Option<(Captured, Option<Vec<u8>>)> {
    let sent = log.fields(b"> ");
    let (status, version) = log.status_line()?;
    let fields = log.fields(b"< ");
    let content = log.content(&fields);
    let host = sent.text("host").unwrap_or_default();
    let scheme = if log.secure { "https" } else { "http" };
    let coded_bytes = content.as_ref().map_or(0, Vec::len) as u64;
    let decoded = content
        .and_then(|content| decode_all(&fields.list("content-encoding"), content, LONGEST).ok());
    let content = ContentSummary { coded_bytes, ..ContentSummary::default() };
    let one = Captured {
        url: format!("{scheme}://{host}{path}"),
        is_kept: log.kept,
        asked: asked(&sent),
        outcome: Ok(ObservedResponse { version, status, fields, content }),
    };
    Some((one, decoded))
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
        &check.findings[0].kind.name
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
    fn no_more_exchanges_are_kept_than_the_limit_allows() {
        let polls =
            "> GET / HTTP/1.1\n> Host: a.example\n> \n< HTTP/1.1 304 x\n< \n".repeat(100_001);
        let polls = polls.as_bytes();
        let found = wire(polls, None);
        assert_eq!(found.err(), Some(ImportError::TooLarge("100,000 exchanges")));
        let found = wire(polls, Some("http://b.example/"));
        assert!(matches!(found, Err(ImportError::NothingThere(_))));
    }

    #[test]
    fn what_holds_no_request_is_refused() {
        for text in ["", "HTTP/1.1 200 OK\r\n", "> POST / HTTP/1.1\r\n> \r\n"] {
            assert_eq!(wire(text.as_bytes(), None).err(), Some(ImportError::NotWire), "{text}");
        }
    }
}
