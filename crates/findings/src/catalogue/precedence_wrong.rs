//! `precedence-wrong`: `If-Modified-Since` wins over `If-None-Match`.

use semantics::HttpDate;

use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::view::{FullResponse, Trial, View, weak_eq};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("precedence_wrong.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let seen_tags: Vec<_> = view.full.iter().filter_map(|seen| seen.tag).collect();
    // A tag that is ignored altogether loses to any date: that has a name of its own.
    let by_tag = View::tally(view.by_tag.iter().chain(&view.by_list));
    if by_tag.honoured == 0 && by_tag.ignored > 0 {
        return None;
    }
    let unknown = |trial: &&Trial<'_>| {
        !trial.asked.none_match.iter().any(|sent| seen_tags.iter().any(|tag| weak_eq(sent, tag)))
    };
    let both = view.by_both.iter().filter(|_| !seen_tags.is_empty());
    let (strangers, known): (Vec<_>, Vec<_>) = both.partition(unknown);
    let strangers = View::tally(strangers);
    let known = View::tally(known.into_iter().filter(|trial| is_long_past(view, trial)));
    let works = View::tally(&view.by_tag).honoured > 0;
    let stale = (strangers.honoured > 0).then(|| {
        let what = of_all(strangers.honoured, strangers.total(), "request");
        format!("a tag that nobody issued, with the current date: {what} got a 304")
    });
    let wasteful = (known.ignored > 0 && works).then(|| {
        let what = of_all(known.ignored, known.total(), "request");
        format!("the current tag, with a date long past: {what} got a full 200")
    });
    // Where tags differ as well, no tag would match anyway.
    let differ = super::last_modified_differs::judge(view).is_some()
        && super::node_local_tag::judge(view).is_none();
    let (severity, title) = match (&stale, &wasteful) {
        (None, None) => return None,
        (Some(_), _) => (Severity::Warn, "the date wins over a tag that does not match"),
        (None, Some(_)) if differ => {
            (Severity::Warn, "the date wins over a tag that matches, and dates differ")
        }
        (None, Some(_)) => (Severity::Info, "the date wins over a tag that matches"),
    };
    Some(Judgement::new(severity, 0.95, title).with_all(stale).with_all(wasteful))
}

/// Reports whether the date sent lies before every date that was seen.
fn is_long_past(view: &View<'_>, trial: &Trial<'_>) -> bool {
    let sent = trial.asked.modified_since.as_deref().and_then(|date| HttpDate::parse(date).ok());
    let earliest = view.full.iter().filter_map(FullResponse::date).min();
    matches!((sent, earliest), (Some(sent), Some(earliest)) if sent < earliest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;

    const HONOURED: &str = r#"
        2 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        2 × If-None-Match: "x" -> 304; ETag: "x"
    "#;

    #[test]
    fn a_date_that_wins_over_a_tag_is_found_in_both_directions() {
        let stale = r#"
            If-None-Match: "nobodys"; If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304
        "#;
        let title = "the date wins over a tag that does not match";
        check(&kind(), &[HONOURED, stale].concat(), Some((Severity::Warn, title)));
        let wasteful = r#"
            If-None-Match: "x"; If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT -> 200; ETag: "x" | hello
        "#;
        let title = "the date wins over a tag that matches";
        check(&kind(), &[HONOURED, wasteful].concat(), Some((Severity::Info, title)));
    }

    #[test]
    fn a_server_that_reads_the_tag_alone_is_right() {
        let right = r#"
            If-None-Match: "nobodys"; If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 200; ETag: "x" | hello
            If-None-Match: "x"; If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT -> 304; ETag: "x"
        "#;
        check(&kind(), &[HONOURED, right].concat(), None);
    }
}
