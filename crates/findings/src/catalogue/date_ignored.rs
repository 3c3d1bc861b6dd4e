//! `date-ignored`: tags get a 304, and a date alone does not, or only the very date.

use semantics::HttpDate;

use super::malformed_tag;
use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::view::{FullResponse, Trial, TrialOutcome, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("date_ignored.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let tag = View::tally(&view.by_tag);
    // Where conditions are ignored altogether, that has a name of its own; where the tag is none, its
    // form is not all that is wrong.
    let is_named = tag.honoured == 0 && tag.ignored > 0 && !malformed_tag::explains_ignored(view);
    if !view.is_tagged() || is_named {
        return None;
    }
    always(view).or_else(|| exact(view))
}

fn always(view: &View<'_>) -> Option<Judgement> {
    let tally = View::tally(&view.by_date);
    let is_always = tally.ignored >= 2 && tally.honoured == 0;
    let title = "a date alone never gets a 304, though responses carry one";
    let severity = match (View::tally(&view.by_tag).honoured, is_feed(view)) {
        // Nothing else gets a 304.
        (0, _) if malformed_tag::explains_ignored(view) => Severity::Bad,
        (_, true) => Severity::Warn,
        (_, false) => Severity::Info,
    };
    is_always.then(|| {
        let what = of_all(tally.ignored, tally.total(), "request");
        Judgement::new(severity, 0.95, title)
            .because("always")
            .with(format!("full 200 with the very date that was sent, and no tag: {what}"))
    })
}

fn exact(view: &View<'_>) -> Option<Judgement> {
    let very = View::tally(&view.by_date);
    let later: Vec<_> = view.by_other_date.iter().filter(|trial| is_later(view, trial)).collect();
    let full = later.iter().filter(|trial| trial.outcome != TrialOutcome::Honoured).count();
    let is_exact = full > 0 && full == later.len() && very.honoured > 0 && very.ignored == 0;
    let title = "only the very date gets a 304, and a later one does not";
    is_exact.then(|| {
        let what = of_all(full, later.len(), "request");
        Judgement::new(Severity::Info, 0.95, title)
            .because("exact")
            .with(format!("full 200 with a date later than Last-Modified, and no tag: {what}"))
    })
}

/// Reports whether the date sent lies behind every date that was seen.
fn is_later(view: &View<'_>, trial: &Trial<'_>) -> bool {
    let sent = trial.asked.modified_since.as_deref().and_then(|date| HttpDate::parse(date).ok());
    let latest = view.full.iter().filter_map(FullResponse::date).max();
    matches!((sent, latest), (Some(sent), Some(latest)) if sent > latest)
}

/// Reports whether the content is one whose readers often keep the date alone.
fn is_feed(view: &View<'_>) -> bool {
    let mut types = view.full.iter().map(|seen| seen.answer.fields.list("content-type"));
    types.any(|own| ["rss", "atom", "feed+json"].iter().any(|feed| own.contains(feed)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::check;

    const FULL: &str = "200; ETag: \"x\"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT";
    const VERY: &str = "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT ->";
    const LATER: &str = "If-Modified-Since: Thu, 01 Jan 2026 01:00:00 GMT ->";
    const BY_TAG: &str = "3 × If-None-Match: \"x\" -> 304; ETag: \"x\"";

    /// What is said where tags work and these follow.
    fn after(exchanges: &str, expected: Option<(Severity, &str)>) {
        check(&kind(), &format!("4 × -> {FULL} | hello\n{BY_TAG}\n{exchanges}"), expected);
    }

    #[test]
    fn a_date_that_is_ignored_beside_a_tag_that_is_none_is_bad() {
        let of = |outcome: &str| {
            let full = FULL.replace("\"x\"", "x");
            format!(
                "4 × -> {full} | hello\n4 × If-None-Match: x -> {full} | hello\n2 × {VERY} {outcome}"
            )
        };
        let title = "a date alone never gets a 304, though responses carry one";
        let ignored = of(&FULL.replace("\"x\"", "x")) + " | hello";
        check(&kind(), &ignored, Some((Severity::Bad, title)));
        check(&kind(), &of("304"), None);
    }

    #[test]
    fn a_date_that_never_gets_a_304_is_found_beside_tags_that_do() {
        let title = "a date alone never gets a 304, though responses carry one";
        let ignored = format!("2 × {VERY} {FULL} | hello");
        after(&ignored, Some((Severity::Info, title)));
        let feed = format!("4 × -> {FULL}; Content-Type: application/atom+xml | hello\n{ignored}");
        check(&kind(), &feed, Some((Severity::Warn, title)));
    }

    #[test]
    fn a_later_date_that_gets_a_200_is_found() {
        let title = "only the very date gets a 304, and a later one does not";
        after(&format!("2 × {VERY} 304\n{LATER} {FULL} | hello"), Some((Severity::Info, title)));
    }

    #[test]
    fn dates_that_are_honoured_differ_or_were_not_tried_are_not() {
        after("", None);
        after(&format!("2 × {VERY} 304\n{LATER} 304"), None);
        // One replica of several: the loss is told by others.
        after(&format!("{VERY} 304\n2 × {VERY} {FULL} | hello"), None);
        // Another replica's date, which is later than the one that was sent.
        let other = FULL.replace("00:00:00", "00:00:07");
        after(&format!("2 × {VERY} {other} | hello"), None);
        // An earlier date must get a 200.
        let past = "If-Modified-Since: Wed, 01 Jan 2025 00:00:00 GMT";
        after(&format!("2 × {VERY} 304\n{past} -> {FULL} | hello"), None);
    }

    #[test]
    fn what_has_a_name_of_its_own_is_not() {
        let untagged = FULL.replace("ETag: \"x\"; ", "");
        let by_date = format!("4 × -> {untagged} | hello\n3 × {VERY} {untagged} | hello");
        check(&kind(), &by_date, None);
        let all = format!("4 × -> {FULL} | hello\n3 × If-None-Match: \"x\" -> {FULL} | hello");
        check(&kind(), &format!("{all}\n3 × {VERY} {FULL} | hello"), None);
    }
}
