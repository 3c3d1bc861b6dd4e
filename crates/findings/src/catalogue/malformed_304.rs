//! `malformed-304`: a 304 to a validator that nobody issued, with content, of another tag, or short of fields.

use crate::evidence::{EvidenceSource, ObservedExchange, opaque};
use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::tag_form::split_suffix;
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("malformed_304.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

const REQUIRED: [&str; 6] =
    ["etag", "cache-control", "content-location", "date", "expires", "vary"];

fn judge(view: &View<'_>) -> Option<Judgement> {
    let all: Vec<_> = view.not_modified().collect();
    let stray = all.iter().filter(|(_, answer)| answer.content.stray_bytes > 0).count();
    let missing = missing(view);
    let others = others(view);
    let strangers = View::tally(&view.by_strangers);
    let lists = missing.join(", ");
    // The worst names the finding: no content, stale content, then a connection out of step.
    let (severity, title) = if strangers.honoured > 0 {
        (Severity::Bad, "a tag that nobody issued gets a 304: clients keep stale content")
    } else if stray > 0 {
        (Severity::Bad, "a 304 carries content")
    } else if others > 0 {
        (Severity::Warn, "a 304 names another tag than was sent")
    } else if missing.contains(&"etag") {
        (Severity::Warn, "a 304 lacks the ETag")
    } else if !missing.is_empty() {
        (Severity::Info, &*format!("a 304 lacks {lists}"))
    } else {
        return None;
    };
    let counts = [
        (strangers.honoured, strangers.total(), "request", "a tag that nobody issued got a 304"),
        (others, all.len(), "304", "with a tag that was not sent"),
        (stray, all.len(), "304", "bytes after the head of a 304"),
    ];
    let counts = counts.into_iter().filter(|(wrong, ..)| *wrong > 0);
    let counts =
        counts.map(|(wrong, all, noun, what)| format!("{what}: {}", of_all(wrong, all, noun)));
    let lists = (!missing.is_empty()).then(|| format!("in every 200 and in no 304: {lists}"));
    Some(Judgement::new(severity, 0.95, title).with_all(counts).with_all(lists))
}

/// 304s to tags alone that name none of these.
fn others(view: &View<'_>) -> usize {
    // The suffix of a coding makes no other tag.
    let base = |tag: &[u8]| split_suffix(&String::from_utf8_lossy(opaque(tag))).0.to_owned();
    let by_tag = view.not_modified().filter(|(seen, _)| seen.asked.is_by_tag());
    let named = by_tag.filter_map(|(seen, answer)| Some((seen, base(answer.tag()?))));
    named.filter(|(seen, own)| !seen.asked.none_match.iter().any(|sent| base(sent) == *own)).count()
}

/// Required fields that every comparable 200 has and no 304 has.
fn missing(view: &View<'_>) -> Vec<&'static str> {
    let is_plain = |seen: &ObservedExchange| !seen.asked.accepts_compression();
    let fulls: Vec<_> = view.full.iter().filter(|seen| is_plain(seen.exchange)).collect();
    let notes: Vec<_> = view.not_modified().filter(|(seen, _)| is_plain(seen)).collect();
    // A browser's capture may show the fields of the stored response.
    if fulls.is_empty() || notes.is_empty() || view.evidence.source == EvidenceSource::Har {
        return Vec::new();
    }
    let lacks = |name: &&str| {
        fulls.iter().all(|seen| seen.answer.fields.get(name).is_some())
            && notes.iter().all(|(_, answer)| answer.fields.get(name).is_none())
    };
    REQUIRED.into_iter().filter(lacks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;

    #[test]
    fn a_304_that_should_be_none_or_that_lacks_something_is_found() {
        let check = |not_modified: &str, expected| {
            let full = "2 × -> 200; ETag: \"x\"; Vary: Accept; Cache-Control: no-cache | hello\n";
            check(&kind(), &[full, not_modified].concat(), expected);
        };
        check(
            r#"If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept; Cache-Control: no-cache"#,
            None,
        );
        check(
            r#"If-None-Match: "x" -> 304; ETag: "x"; Cache-Control: no-cache"#,
            Some((Severity::Info, "a 304 lacks vary")),
        );
        check(
            r#"If-None-Match: "x" -> 304; Vary: Accept; Cache-Control: no-cache"#,
            Some((Severity::Warn, "a 304 lacks the ETag")),
        );
        check(
            r#"If-None-Match: "x" -> 304; ETag: "y"; Vary: Accept; Cache-Control: no-cache"#,
            Some((Severity::Warn, "a 304 names another tag than was sent")),
        );
        check(
            r#"If-None-Match: "x" -> 304; ETag: "x"; Vary: Accept; Cache-Control: no-cache | hello"#,
            Some((Severity::Bad, "a 304 carries content")),
        );
        check(
            r#"If-None-Match: "etag-lab-nobodys-tag" -> 304; Vary: Accept; Cache-Control: no-cache"#,
            Some((
                Severity::Bad,
                "a tag that nobody issued gets a 304: clients keep stale content",
            )),
        );
    }

    #[test]
    fn the_suffix_of_a_coding_makes_no_other_tag() {
        let suffix = r#"
            2 × Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Content-Encoding: gzip | hello
            If-None-Match: "x-gzip"; Accept-Encoding: gzip -> 304; ETag: "x"
        "#;
        check(&kind(), suffix, None);
    }
}
