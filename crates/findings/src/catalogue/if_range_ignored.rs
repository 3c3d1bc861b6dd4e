//! `if-range-ignored`: a part is sent although the tag in `If-Range` is not that of the whole.

use crate::evidence::{NOBODYS, ObservedExchange, is_weak};
use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("if_range_ignored.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    strangers(view).or_else(|| weak(view))
}

/// Parts that were sent to a tag that nobody issued.
fn strangers(view: &View<'_>) -> Option<Judgement> {
    let (parts, all) = parts(view, |sent| NOBODYS.contains(&sent));
    let title = "a tag that nobody issued in If-Range gets a part: a resumed download mixes two";
    let judgement = || {
        let counts = of_all(parts, all, "request");
        Judgement::new(Severity::Bad, 0.97, title)
            .because("strangers-tag")
            .with(format!("a range with a tag that nobody issued in If-Range, and a 206: {counts}"))
            .with_all(with_current_tag(view))
    };
    (parts > 0).then(judgement)
}

/// Answer to the current tag, which may be a part or the whole.
fn with_current_tag(view: &View<'_>) -> Option<String> {
    let (parts, all) = parts(view, |sent| is_current(view, sent));
    let counts = of_all(parts, all, "request");
    (all > 0).then(|| format!("the same with the current tag, and a 206: {counts}"))
}

/// Parts that were sent to the current tag, although it is weak.
fn weak(view: &View<'_>) -> Option<Judgement> {
    let is_weak_own = |sent: &[u8]| is_weak(sent) && is_current(view, sent);
    let (parts, all) = parts(view, is_weak_own);
    let (seen, _) = requests(view).find(|(seen, _)| is_weak_own(sent(seen)))?;
    let title = "a weak tag in If-Range gets a part, which only a strong one may";
    // No client that keeps to the standard sends a weak tag there, so that nobody is harmed yet.
    let judgement = || {
        let counts = of_all(parts, all, "request");
        Judgement::new(Severity::Info, 0.95, title)
            .because("weak-tag")
            .with(format!("{} in If-Range, and a 206: {counts}", shown(sent(seen))))
    };
    (parts > 0).then(judgement)
}

/// Requests for one range whose `If-Range` holds a tag, and the status of their answers.
fn requests<'a>(view: &View<'a>) -> impl Iterator<Item = (&'a ObservedExchange, u16)> {
    let ranges = view
        .unusual()
        .filter(|(seen, _)| seen.asked.range.is_some() && sent(seen).ends_with(b"\""));
    ranges.map(|(seen, answer)| (seen, answer.status))
}

fn sent(seen: &ObservedExchange) -> &[u8] {
    seen.asked.if_range.as_deref().unwrap_or_default()
}

/// Answers 206 to such requests, and all answers 200 or 206: another status decides nothing.
fn parts(view: &View<'_>, wanted: impl Fn(&[u8]) -> bool) -> (usize, usize) {
    let answers = requests(view).filter(|(seen, _)| wanted(sent(seen)));
    let statuses: Vec<_> = answers.map(|(_, status)| status).collect();
    let count = |wanted: &[u16]| statuses.iter().filter(|one| wanted.contains(one)).count();
    (count(&[206]), count(&[200, 206]))
}

fn is_current(view: &View<'_>, tag: &[u8]) -> bool {
    view.full.iter().any(|seen| seen.tag == Some(tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;

    const STRANGERS: &str = "Range: bytes=0-0; If-Range: \"etag-lab-nobodys-tag\" ->";

    #[test]
    fn a_part_for_a_tag_that_nobody_issued_is_found() {
        let title =
            "a tag that nobody issued in If-Range gets a part: a resumed download mixes two";
        let full = "4 × -> 200; ETag: \"x\"; Accept-Ranges: bytes | hello\n";
        check(
            &kind(),
            &format!("{full}2 × {STRANGERS} 206; ETag: \"x\"; Content-Range: bytes 0-0/5 | h"),
            Some((Severity::Bad, title)),
        );
        // One replica of several is enough to mix.
        let mixed = format!("{full}{STRANGERS} 200; ETag: \"x\" | hello\n{STRANGERS} 206 | h");
        check(&kind(), &mixed, Some((Severity::Bad, title)));
    }

    #[test]
    fn what_a_server_may_answer_is_not_found() {
        let full = "4 × -> 200; ETag: \"x\"; Accept-Ranges: bytes | hello\n";
        let own = "Range: bytes=0-0; If-Range: \"x\" ->";
        for right in [
            format!("{STRANGERS} 200; ETag: \"x\" | hello"),
            // The current tag may get a part, or the whole.
            format!("{own} 206; ETag: \"x\" | h"),
            format!("{own} 200; ETag: \"x\" | hello"),
            // Nothing can be said of ranges that cannot be satisfied, or are refused.
            format!("{STRANGERS} 416; Content-Range: bytes */5"),
            format!("{STRANGERS} 403"),
            // A range without a condition gets a part.
            "Range: bytes=0-0 -> 206 | h".to_owned(),
            // A date, which may be that of the whole.
            "Range: bytes=0-0; If-Range: Thu, 01 Jan 2026 00:00:00 GMT -> 206 | h".to_owned(),
            // Another replica's tag.
            "Range: bytes=0-0; If-Range: \"y\" -> 206; ETag: \"y\" | h".to_owned(),
        ] {
            check(&kind(), &format!("{full}{right}"), None);
        }
    }

    #[test]
    fn a_weak_tag_that_gets_a_part_is_worth_knowing() {
        let full = "4 × -> 200; ETag: W/\"x\"; Accept-Ranges: bytes | hello\n";
        let own = "Range: bytes=0-0; If-Range: W/\"x\" ->";
        let title = "a weak tag in If-Range gets a part, which only a strong one may";
        check(&kind(), &format!("{full}{own} 206 | h"), Some((Severity::Info, title)));
        check(&kind(), &format!("{full}{own} 200; ETag: W/\"x\" | hello"), None);
    }
}
