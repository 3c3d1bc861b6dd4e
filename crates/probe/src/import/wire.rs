//! Text that programs print and people paste: `curl -v`, `-i`, `-I` and `--trace`, `HTTPie`, `wget -S`.
//!
//! Prompts, prose, colours and quotation marks in between are passed over. Content is taken where the
//! paste holds it whole, by its Content-Length.

mod command;
mod dialogue;
mod line;
mod log;
mod trace;

use std::collections::BTreeSet;
use std::io::Read;

use super::bounds::bounded;
use super::{Captured, ImportError, evidence};
use dialogue::Dialogue;
use findings::evidence::{Evidence, EvidenceSource};
use log::Log;

/// Evidence from what curl, `HTTPie` or wget printed, once or many times in a row, for one URL or the
/// one polled most often.
///
/// Reads no more than a gibibyte, and keeps no more than 100,000 exchanges.
pub fn wire(input: impl Read, url: Option<&str>) -> Result<Evidence, ImportError> {
    let (input, bounds) = bounded(input);
    let mut dialogue = Dialogue::of(Log::of(input, &bounds), url);
    if let Some(error) = dialogue.read()? {
        return Err(bounds.reason(&error));
    }
    let Dialogue { mut kept, left_out, has_begun, is_alone, .. } = dialogue;
    if !has_begun {
        return Err(ImportError::NotWire);
    }
    name_schemes(&mut kept.all);
    let mut evidence = evidence(kept, &left_out, EvidenceSource::Wire)?;
    let alone =
        "missing: requests; the answers are judged as those of one URL to requests that are alike";
    evidence.notes.extend(is_alone.then(|| alone.to_owned()));
    Ok(evidence)
}

/// Gives URLs whose scheme was a guess that of the same URL elsewhere.
fn name_schemes(all: &mut [Captured]) {
    let known = all.iter().filter(|one| !one.is_scheme_guessed).map(|one| one.url.clone());
    let known: BTreeSet<_> = known.collect();
    for one in all.iter_mut().filter(|one| one.is_scheme_guessed) {
        let Some((scheme, rest)) = one.url.split_once("://") else { continue };
        let other = format!("{}://{rest}", if scheme == "http" { "https" } else { "http" });
        if known.contains(&other) && !known.contains(&one.url) {
            one.url = other;
        }
    }
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
    fn what_holds_no_exchange_is_refused() {
        for text in ["", "no exchange\n", "HTTP/1.1 304 is wanted\n"] {
            assert_eq!(wire(text.as_bytes(), None).err(), Some(ImportError::NotWire), "{text}");
        }
        for (text, reasons) in [
            ("HTTP/1.1 301 Moved Permanently\r\nLocation: /a\r\n", "1 without its request"),
            ("> GET / HTTP/1.1\r\n> Host: a\r\n> \r\n", "1 not answered"),
            ("> POST / HTTP/1.1\r\n> Host: a\r\n> \r\n< HTTP/1.1 200 OK\r\n< \r\n", "1 POST"),
        ] {
            let expected = ImportError::LeftOut(reasons.to_owned());
            assert_eq!(wire(text.as_bytes(), None).err(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused_before_the_limits() {
        let mut state = 1_u32;
        let noise: Vec<u8> = (0..1 << 20)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            })
            .collect();
        let endless = noise.as_slice().chain(std::io::repeat(7));
        assert_eq!(wire(endless, None).err(), Some(ImportError::NotWire));
    }
}
