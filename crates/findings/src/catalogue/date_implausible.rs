//! `date-implausible`: Last-Modified is no time of a change.

use std::collections::{BTreeMap, BTreeSet};

use semantics::{HttpDate, InvalidHttpDate};

use crate::kind::{FindingKind, Judgement, Severity, of_all, shown};
use crate::tag_form::{build_constant, is_of_date_and_size, is_round};
use crate::view::{ContentKey, FullResponse, View};

mod skew;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("date_implausible.toml");
    FindingKind { exchanges: Some(judge), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    no_date(view)
        .or_else(|| clock(view))
        .or_else(|| skew::judge(view))
        .or_else(|| future(view))
        .or_else(|| constant(view))
}

/// Values that are no HTTP date, in any of its three forms (RFC 9110 §5.6.7).
fn no_date(view: &View<'_>) -> Option<Judgement> {
    let dated = view.full.iter().filter_map(|seen| seen.answer.last_modified());
    let dated: Vec<_> = dated.filter(|value| !value.is_empty()).collect();
    let wrong: Vec<_> = dated
        .iter()
        .filter(|value| HttpDate::parse(value) == Err(InvalidHttpDate::Malformed))
        .collect();
    let first = shown(wrong.first()?);
    let severity = if view.is_tagged() { Severity::Info } else { Severity::Warn };
    let by_date = View::tally(&view.by_date);
    let alone = (by_date.total() > 0)
        .then(|| format!("sent back as it came in If-Modified-Since: {}", by_date.got_304()));
    Some(
        Judgement::new(severity, 0.99, "Last-Modified is no HTTP date")
            .because("no-date")
            .with(format!("{first} in {}", of_all(wrong.len(), dated.len(), "dated response")))
            .with_all(alone)
            .with(
                "who reads it as a date ignores it: caches keep nothing by it, and send none back",
            ),
    )
}

/// Seconds by which the time of another zone differs at most.
const FARTHEST_ZONE: i128 = 14 * 3_600;

/// Reports whether Last-Modified is the time of each response.
pub(super) fn is_clock(view: &View<'_>) -> bool {
    let mut dates: BTreeMap<(&str, ContentKey), Vec<(u64, u64)>> = BTreeMap::new();
    for seen in &view.full {
        if let (Some(key), Some(date), Some(now)) = (seen.key, seen.date(), now(seen)) {
            let pair = (date.unix_seconds(), now);
            dates.entry((&seen.coding, key)).or_default().push(pair);
        }
    }
    let follows = |pairs: &Vec<(u64, u64)>| {
        let distinct: BTreeSet<_> = pairs.iter().map(|(date, _)| date).collect();
        let behind = |(date, now): &(u64, u64)| i128::from(*now) - i128::from(*date);
        let (least, most) = (pairs.iter().map(behind).min(), pairs.iter().map(behind).max());
        distinct.len() > 1
            && least
                .zip(most)
                .is_some_and(|(least, most)| most - least <= 1 && least.abs() <= FARTHEST_ZONE)
    };
    let mut several = dates.into_values().filter(|pairs| pairs.len() > 1).peekable();
    several.peek().is_some() && several.any(|pairs| follows(&pairs))
}

fn clock(view: &View<'_>) -> Option<Judgement> {
    if !is_clock(view) {
        return None;
    }
    let by_date = View::tally(&view.by_date);
    let by_both = View::tally(view.as_browsers());
    // An old date beside the tag tells as much as one that was seen.
    let decided = View::tally(view.issued_tags());
    let is_decided = decided.total() > 0 && decided.honoured == decided.total();
    let severity = match (view.is_tagged(), is_decided) {
        (false, _) => Severity::Bad,
        (true, false) => Severity::Warn,
        (true, true) => Severity::Info,
    };
    let dates: BTreeSet<_> =
        view.full.iter().filter_map(|seen| seen.answer.last_modified()).collect();
    let named: Vec<_> = dates.iter().take(3).map(|date| shown(date)).collect();
    let alone = (by_date.total() > 0)
        .then(|| format!("If-Modified-Since with a date seen: {}", by_date.got_304()));
    let both = (by_both.total() > 0)
        .then(|| format!("tag and date together, as browsers send them: {}", by_both.got_304()));
    let title = "Last-Modified is the time of the response, so that no date comes back";
    Some(
        Judgement::new(severity, 0.97, title)
            .because("clock")
            .with(format!("it goes with Date, while the content stays: {}", named.join("   ")))
            .with_all(alone)
            .with_all(both),
    )
}

/// Dates that the response itself calls a time to come.
fn future(view: &View<'_>) -> Option<Judgement> {
    // Clocks of one fleet are some seconds apart, and more is no clock of a fleet.
    const TOLERATED: u64 = 300;
    let is_ahead = |seen: &&FullResponse<'_>| {
        let date = seen.date().map(HttpDate::unix_seconds);
        date.zip(now(seen)).is_some_and(|(date, now)| date > now + TOLERATED)
    };
    let ahead: Vec<_> = view.full.iter().filter(is_ahead).collect();
    let first = ahead.first()?.answer.last_modified()?;
    let by_date = View::tally(&view.by_date);
    let severity = match (view.is_tagged(), by_date.honoured) {
        (true, _) => Severity::Info,
        (false, 0) if by_date.total() > 0 => Severity::Bad,
        (false, _) => Severity::Warn,
    };
    let dated = view.full.iter().filter(|seen| seen.date().is_some()).count();
    let seen = of_all(ahead.len(), dated, "dated response");
    let alone = (by_date.total() > 0)
        .then(|| format!("If-Modified-Since with that date: {}", by_date.got_304()));
    Some(
        Judgement::new(severity, 0.97, "Last-Modified lies after the response that carries it")
            .because("future")
            .with(format!("{} in {seen}", shown(first)))
            .with_all(alone),
    )
}

fn constant(view: &View<'_>) -> Option<Judgement> {
    let (seen, writer) = view.full.iter().find_map(|seen| Some((seen, writer(seen)?)))?;
    let date = shown(seen.answer.last_modified()?);
    let made_of_it = seen.specimen().is_some_and(|tag| is_of_date_and_size(&tag));
    let severity = if made_of_it || !view.is_tagged() { Severity::Warn } else { Severity::Info };
    let title = match (made_of_it, view.is_tagged()) {
        (true, _) => "the tag is made of the size and of a date that is a constant of the build",
        (false, true) => "Last-Modified is a constant of the build; the tag is not made of it",
        (false, false) => "Last-Modified, the only validator, is a constant of the build",
    };
    let harm = match (made_of_it, view.is_tagged()) {
        (true, _) => Some("an edition of the same size has the same tag: clients keep the old one"),
        (false, false) => {
            Some("every edition has this date: a 304 leaves clients with the old one")
        }
        (false, true) => None,
    };
    let tag = seen.tag.filter(|_| made_of_it);
    let confidence = if writer == ROUND { 0.7 } else { 0.9 };
    Some(
        Judgement::new(severity, confidence, title)
            .because("constant")
            .with(format!("{date}: {writer}"))
            .with_all(tag.map(|tag| format!("the tag: {}", shown(tag))))
            .with_all(harm),
    )
}

const ROUND: &str = "a whole day or noon, more than a year before the response";

/// Writer of a date that is a constant.
fn writer(seen: &FullResponse<'_>) -> Option<&'static str> {
    const YEAR: u64 = 365 * 86_400;
    let date = seen.date()?;
    let known = build_constant(date);
    // People deploy at midnight and noon as well, so that more has to speak for it.
    let is_old = now(seen).is_some_and(|now| now > date.unix_seconds() + YEAR);
    let round = || {
        let of_file = seen.specimen().is_some_and(|tag| is_of_date_and_size(&tag));
        (is_round(date) && is_old && of_file).then_some(ROUND)
    };
    known.or_else(round)
}

/// `Date` of a response, in seconds.
fn now(seen: &FullResponse<'_>) -> Option<u64> {
    let date = HttpDate::parse(seen.answer.fields.get("date")?).ok()?;
    Some(date.unix_seconds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Check;
    use crate::fixture::{check, evidence, judge};

    const CLOCK: &str = r"
        2 × -> 200; Date: Sun, 29 Nov 2026 19:15:11 GMT; Last-Modified: Sun, 29 Nov 2026 19:15:11 GMT | hello
        2 × -> 200; Date: Sun, 29 Nov 2026 19:15:12 GMT; Last-Modified: Sun, 29 Nov 2026 19:15:12 GMT | hello
        2 × -> 200; Date: Sun, 29 Nov 2026 19:15:13 GMT; Last-Modified: Sun, 29 Nov 2026 19:15:13 GMT | hello
        If-Modified-Since: Sun, 29 Nov 2026 19:15:13 GMT -> 200; Date: Sun, 29 Nov 2026 19:15:14 GMT; Last-Modified: Sun, 29 Nov 2026 19:15:14 GMT | hello
    ";

    fn names(exchanges: &str) -> Vec<&'static str> {
        let check = Check::of(&evidence(exchanges));
        check.findings.iter().map(|finding| finding.kind.name.as_str()).collect()
    }

    #[test]
    fn a_date_that_is_the_clock_is_no_replicas() {
        let title = "Last-Modified is the time of the response, so that no date comes back";
        check(&kind(), CLOCK, Some((Severity::Bad, title)));
        assert_eq!(names(CLOCK), ["date-implausible"]);
        let tagged = CLOCK.replace("200;", "200; ETag: \"x\";");
        check(&kind(), &tagged, Some((Severity::Warn, title)));
        // Of tags that decide it is known where one was sent beside an old date.
        let beside = r#"If-None-Match: "x"; If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT ->"#;
        let decides = format!("{tagged}\n{beside} 304; ETag: \"x\"");
        check(&kind(), &decides, Some((Severity::Info, title)));
        let full = "200; ETag: \"x\"; Date: Sun, 29 Nov 2026 19:15:15 GMT; Last-Modified: Sun, 29 Nov 2026 19:15:15 GMT | hello";
        check(&kind(), &format!("{tagged}\n{beside} {full}"), Some((Severity::Warn, title)));
    }

    #[test]
    fn dates_that_differ_without_the_clock_are_replicas() {
        let drift = CLOCK
            .replace(
                "Last-Modified: Sun, 29 Nov 2026 19:15:1",
                "Last-Modified: Sun, 29 Nov 2026 08:00:3",
            )
            .replace("08:00:32", "08:00:52");
        check(&kind(), &drift, None);
        assert_eq!(names(&drift), ["last-modified-differs"]);
    }

    #[test]
    fn content_of_the_moment_may_be_dated_so() {
        let live = CLOCK.replace("19:15:12 GMT | hello", "19:15:12 GMT | world");
        let live = live.replace("19:15:13 GMT | hello", "19:15:13 GMT | again");
        let live = live.replace("19:15:14 GMT | hello", "19:15:14 GMT | other");
        check(&kind(), &live, None);
    }

    /// A file of eleven bytes, served now.
    fn file(tag: &str, date: &str) -> String {
        let fields = format!("ETag: {tag}; Last-Modified: {date}");
        let date = "Date: Sun, 29 Nov 2026 19:15:11 GMT";
        format!(
            "6 × -> 200; {fields}; {date} | hello world\n4 × If-None-Match: {tag} -> 304; ETag: {tag}; {date}"
        )
    }

    #[test]
    fn a_tag_of_size_and_constant_notices_no_change() {
        let title = "the tag is made of the size and of a date that is a constant of the build";
        for (tag, date) in [
            ("\"1-b\"", "Thu, 01 Jan 1970 00:00:01 GMT"),
            ("\"0-b\"", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("\"12cea600-b\"", "Tue, 01 Jan 1980 00:00:00 GMT"),
            ("W/\"b-7438674ba0\"", "Sat, 26 Oct 1985 08:15:00 GMT"),
            ("\"q8vqo0b\"", "Thu, 16 Apr 2020 12:00:00 GMT"),
            ("\"5c2aad80-b\"", "Tue, 01 Jan 2019 00:00:00 GMT"),
        ] {
            check(&kind(), &file(tag, date), Some((Severity::Warn, title)));
            assert_eq!(names(&file(tag, date)), ["date-implausible"], "{tag}");
        }
    }

    #[test]
    fn a_constant_beside_a_hash_is_only_worth_knowing() {
        let exchanges =
            file("\"5eb63bbbe01eeed093cb22bb8f5acdc3\"", "Thu, 01 Jan 1970 00:00:00 GMT");
        let title = "Last-Modified is a constant of the build; the tag is not made of it";
        check(&kind(), &exchanges, Some((Severity::Info, title)));
        // Noon alone says nothing.
        let noon = file("\"5eb63bbbe01eeed093cb22bb8f5acdc3\"", "Tue, 01 Jan 2019 12:00:00 GMT");
        check(&kind(), &noon, None);
    }

    #[test]
    fn usual_dates_of_files_are_none() {
        check(&kind(), &file("\"6553f100-b\"", "Tue, 14 Nov 2023 22:13:20 GMT"), None);
        check(&kind(), &file("\"6a3fdc40-b\"", "Sat, 27 Jun 2026 12:00:00 GMT"), None);
    }

    #[test]
    fn a_value_that_is_no_date_is_said() {
        let title = "Last-Modified is no HTTP date";
        for (date, expected) in [
            ("Mon, 24 Nov 2025 16:00:00 CET", Some((Severity::Warn, title))),
            ("2025-11-24T16:00:00Z", Some((Severity::Warn, title))),
            ("1764000000", Some((Severity::Warn, title))),
            ("Mon, 24 Nov 2025 16:00:00 GMT", None),
            ("Monday, 24-Nov-25 16:00:00 GMT", None),
            ("Mon Nov 24 16:00:00 2025", None),
        ] {
            let now = "Date: Sun, 29 Nov 2026 19:15:11 GMT";
            let exchanges = format!(
                "4 × -> 200; Last-Modified: {date}; {now} | hello\n\
                 2 × If-Modified-Since: {date} -> 304; {now}"
            );
            check(&kind(), &exchanges, expected);
            let tagged = exchanges.replace("200;", "200; ETag: \"x\";");
            check(&kind(), &tagged, expected.map(|(_, title)| (Severity::Info, title)));
        }
    }

    #[test]
    fn a_date_to_come_is_no_validator() {
        let title = "Last-Modified lies after the response that carries it";
        let exchanges = file("\"x\"", "Sun, 29 Nov 2026 21:15:11 GMT");
        check(&kind(), &exchanges, Some((Severity::Info, title)));
        let alone = exchanges.replace("ETag: \"x\"; ", "");
        check(&kind(), &alone, Some((Severity::Warn, title)));
        let judgement = judge(&kind(), &evidence(&exchanges)).expect("it lies ahead");
        assert_eq!(judgement.cause, Some("future"));
    }
}
