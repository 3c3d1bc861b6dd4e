//! `precedence-wrong`: `If-Modified-Since` wins over `If-None-Match`.

use semantics::HttpDate;

use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::view::{FullResponse, Trial, View, weak_eq};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("precedence_wrong.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let of_another = of_another_content(view);
    if of_another.is_some() {
        return of_another;
    }
    let seen_tags: Vec<_> = view.full.iter().filter_map(|seen| seen.tag).collect();
    // A tag that is ignored altogether loses to any date: that has a name of its own.
    let by_tag = View::tally(view.by_tag.iter().chain(&view.by_list));
    if by_tag.honoured == 0 && by_tag.ignored > 0 {
        return None;
    }
    let is_known = |sent: &Vec<u8>| seen_tags.iter().any(|tag| weak_eq(sent, tag));
    let is_strangers = |trial: &&Trial<'_>| !trial.asked.none_match.iter().any(is_known);
    let both = view.by_both.iter().filter(|_| !seen_tags.is_empty());
    let (strangers, known): (Vec<_>, Vec<_>) = both.partition(is_strangers);
    // A list that is not understood loses by itself.
    let single = known.into_iter().filter(|trial| trial.asked.none_match.len() == 1);
    let (past, own): (Vec<_>, Vec<_>) = single.partition(|trial| is_long_past(view, trial));
    let strangers = View::tally(strangers);
    let past = View::tally(past);
    let own = View::tally(own.into_iter().filter(|trial| is_pair(view, trial)));
    // Where some ignore the tag alone, they do so beside a date.
    let alone = View::tally(&view.by_tag);
    let works = alone.honoured > 0 && alone.ignored == 0;
    let stale = (strangers.honoured > 0).then(|| {
        let what = of_all(strangers.honoured, strangers.total(), "request");
        format!("a tag that nobody issued, with the current date: {what} got a 304")
    });
    let together = (own.ignored > 0 && works).then(|| {
        let what = of_all(own.ignored, own.total(), "request");
        format!("the current tag with its own date, as browsers send them: {what} got a full 200")
    });
    let wasteful = (past.ignored > 0 && works).then(|| {
        let what = of_all(past.ignored, past.total(), "request");
        format!("the current tag, with a date long past: {what} got a full 200")
    });
    // Where tags differ as well, no tag would match anyway.
    let differ = super::last_modified_differs::judge(view).is_some()
        && super::node_local_tag::judge(view).is_none();
    let (severity, title) = match (&stale, &together, &wasteful) {
        (None, None, None) => return None,
        (Some(_), ..) => {
            (Severity::Bad, "the date wins over a tag that does not match: stale content is kept")
        }
        (None, Some(_), _) => {
            (Severity::Bad, "the tag alone gets a 304, and with its own date a full 200")
        }
        (None, None, Some(_)) if differ => {
            (Severity::Warn, "the date wins over a tag that matches, and dates differ")
        }
        (None, None, Some(_)) => (Severity::Info, "the date wins over a tag that matches"),
    };
    let cause = if stale.is_some() { "stale-content" } else { "full" };
    let all = [stale, together, wasteful].into_iter().flatten();
    Some(Judgement::new(severity, 0.95, title).because(cause).with_all(all))
}

/// 304s to a tag and a date that name the tag of another content: the tag alone would not have got them.
fn of_another_content(view: &View<'_>) -> Option<Judgement> {
    let mut kept = view.keeping_another().filter(|(seen, _)| seen.asked.modified_since.is_some());
    let (seen, answer) = kept.next()?;
    let count = of_all(1 + kept.count(), view.by_both.len(), "request");
    let (sent, own) = (shown(&seen.asked.none_match[0]), shown(answer.tag()?));
    let named = format!("{sent} was sent with its date, and the 304 names {own}: {count}");
    let title = "the date wins over a tag that does not match: stale content is kept";
    Some(
        Judgement::new(Severity::Bad, 0.95, title)
            .because("stale-content")
            .with(named)
            .with("both tags were seen on a content of their own: the client keeps the one it had"),
    )
}

/// Reports whether tag and date came in one response.
fn is_pair(view: &View<'_>, trial: &Trial<'_>) -> bool {
    view.full.iter().any(|seen| {
        seen.tag.is_some_and(|tag| weak_eq(&trial.asked.none_match[0], tag))
            && seen.answer.last_modified() == trial.asked.modified_since.as_deref()
    })
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
    use crate::Check;
    use crate::evidence::EvidenceSource;
    use crate::fixture::{check, evidence};

    const HONOURED: &str = r#"
        2 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        2 × If-None-Match: "x" -> 304; ETag: "x"
    "#;

    #[test]
    fn a_date_that_wins_over_a_tag_is_found_in_both_directions() {
        let stale = r#"
            If-None-Match: "nobodys"; If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304
        "#;
        let title = "the date wins over a tag that does not match: stale content is kept";
        check(&kind(), &[HONOURED, stale].concat(), Some((Severity::Bad, title)));
        let wasteful = r#"
            If-None-Match: "x"; If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT -> 200; ETag: "x" | hello
        "#;
        let title = "the date wins over a tag that matches";
        check(&kind(), &[HONOURED, wasteful].concat(), Some((Severity::Info, title)));
    }

    #[test]
    fn a_304_that_names_the_tag_of_another_content_keeps_the_old_one() {
        // A rollback: the older file has the older date.
        let back = r#"
            -> 200; ETag: "b"; Last-Modified: Fri, 02 Jan 2026 00:00:00 GMT | new
            2 × If-None-Match: "b"; If-Modified-Since: Fri, 02 Jan 2026 00:00:00 GMT -> 304; ETag: "b"
            2 × If-None-Match: "b"; If-Modified-Since: Fri, 02 Jan 2026 00:00:00 GMT -> 304; ETag: "a"
            -> 200; ETag: "a"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | old
        "#;
        let title = "the date wins over a tag that does not match: stale content is kept";
        for back in [back.to_owned(), back.replace('"', "")] {
            check(&kind(), &back, Some((Severity::Bad, title)));
            let mut capture = evidence(&back);
            capture.source = EvidenceSource::Wire;
            let found = Check::of(&capture);
            assert_eq!((found.not_modified, found.conditional), (2, 4), "no success: {found:?}");
        }
        // Another tag for one content keeps nothing that is stale; nor is it known of what was not seen.
        check(&kind(), &back.replace("old", "new"), None);
        check(&kind(), &back.replace("| old", "| …"), None);
    }

    #[test]
    fn a_tag_that_loses_beside_its_own_date_is_found() {
        let together = r#"
            2 × If-None-Match: "x"; If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        "#;
        let title = "the tag alone gets a 304, and with its own date a full 200";
        check(&kind(), &[HONOURED, together].concat(), Some((Severity::Bad, title)));
        // A list that is not understood has a name of its own.
        let list = r#"
            If-None-Match: "n", "x"; If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT -> 200; ETag: "x" | hello
        "#;
        check(&kind(), &[HONOURED, list].concat(), None);
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
