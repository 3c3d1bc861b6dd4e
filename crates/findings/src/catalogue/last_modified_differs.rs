//! `last-modified-differs`: the same content under several dates.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use measure::Verdict;

use crate::kind::{FindingKind, Judgement, Severity, shown};
use crate::run::evidence::{ArmEvidence, Validator};
use crate::tag_form::{field_date, is_of_date_and_size, is_of_modification};
use crate::view::{ContentKey, FullResponse, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("last_modified_differs.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

pub(crate) fn judge(view: &View<'_>) -> Option<Judgement> {
    // The clock is no replica's.
    if super::date_implausible::is_clock(view) {
        return None;
    }
    let mut dates: BTreeMap<(&str, ContentKey), BTreeSet<&[u8]>> = BTreeMap::new();
    for seen in &view.full {
        // Contents that are presumed equal by their length may differ, and rightly in their dates.
        if let (Some(key @ ContentKey::Known(_)), Some(date)) =
            (seen.key, seen.answer.last_modified())
        {
            dates.entry((&seen.coding, key)).or_default().insert(date);
        }
    }
    let dates = dates.into_values().max_by_key(BTreeSet::len)?;
    if dates.len() < 2 {
        return None;
    }
    let severity = match (view.is_tagged(), is_decided_by_tag(view)) {
        (false, _) => Severity::Bad,
        (true, false) => Severity::Warn,
        (true, true) => Severity::Info,
    };
    let title = format!("one content, {} Last-Modified dates", dates.len());
    let named: Vec<_> = dates.iter().take(4).map(|date| shown(date)).collect();
    let replays = [
        ("If-Modified-Since with a date seen", View::tally(&view.by_date)),
        ("tag and date together, as browsers send them", View::tally(view.as_browsers())),
    ];
    let replays = replays.into_iter().filter(|(_, tally)| tally.total() > 0);
    let replays = replays.map(|(what, tally)| format!("{what}: {}", tally.got_304()));
    let age = age_of_newest(view).filter(|age| *age < RECENT && !is_of_files(view));
    let made_up = is_made_up(view);
    let cause = match (made_up.is_some(), age.is_some()) {
        (true, _) => "made-up",
        (_, true) => "unknown",
        _ => "copies",
    };
    let recent = made_up.is_none().then_some(age).flatten();
    let recent = recent.map(|age| {
        format!(
            "the newest lies {age} s before its response: the start of each process and a deployment \
             just now look the same; check again after a restart to see whether it moves"
        )
    });
    let judgement = Judgement::new(severity, 0.97, title).because(cause);
    Some(judgement.with(named.join("   ")).with_all(made_up).with_all(replays).with_all(recent))
}

/// Sentence about dates of which none comes back in many responses: copies have a date each, and few
/// of them answer so many requests.
fn is_made_up(view: &View<'_>) -> Option<String> {
    const LEAST: usize = 12;
    let servers = view.full.iter().filter(|seen| !seen.is_copy);
    let dates: Vec<_> = servers.filter_map(|seen| seen.answer.last_modified()).collect();
    let different = dates.iter().collect::<BTreeSet<_>>().len();
    let tags = view.full.iter().filter_map(|seen| seen.tag).collect::<BTreeSet<_>>().len();
    // With a tag of their own for each date they may be as many copies.
    let is_it = dates.len() >= LEAST && different * 10 >= dates.len() * 9 && tags < 2;
    is_it.then(|| {
        format!(
            "{different} dates in {} responses, and copies would show theirs again: the date is made \
             up for each response, by the program or by a proxy that rewrites it",
            dates.len()
        )
    })
}

/// Seconds within which a process may have been started for what is looked at.
const RECENT: u64 = 3_600;

/// Seconds between the newest date and the first response that carried it.
fn age_of_newest(view: &View<'_>) -> Option<u64> {
    let dated = view.full.iter().filter_map(|seen| Some((seen.date()?.unix_seconds(), seen)));
    // The first of those that are equal.
    let newest = dated.min_by_key(|(date, seen)| (Reverse(*date), seen.place));
    let (date, seen) = newest?;
    let now = field_date(seen.answer.fields.get("date")?)?;
    now.unix_seconds().checked_sub(date)
}

/// Reports whether tags show that the dates are those of files.
fn is_of_files(view: &View<'_>) -> bool {
    let mut tags = view.full.iter().filter_map(FullResponse::specimen);
    tags.any(|tag| is_of_date_and_size(&tag) || is_of_modification(&tag))
}

/// Reports whether a tag gets its 304 beside any date, an old one too, so that the dates harm those
/// alone that keep no tags.
fn is_decided_by_tag(view: &View<'_>) -> bool {
    let (all, own) = (View::tally(view.issued_tags()), View::tally(view.as_browsers()));
    own.total() > 0 && all.honoured == all.total() && all.total() > own.total()
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let needless = arm.tally.verdicts.of(Verdict::NeedlessTransfer);
    let by_date = matches!(arm.validator, Validator::Date) && arm.tally.counts.conditional > 0;
    (by_date && needless > 0).then(|| {
        let title =
            format!("node-local date: {needless} needless 200s for copies dated differently");
        Judgement::certain(Severity::Bad, title)
            .with("the same bytes have another Last-Modified on another replica")
    })
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{FirstFetch, NeedlessTransfer};

    use super::*;
    use crate::fixture::{check, evidence};
    use crate::run::fixture::{self as run, exchange};

    #[test]
    fn several_dates_for_one_content_are_found() {
        let dates = r"
            2 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
            2 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:07 GMT | hello
        ";
        let title = "one content, 2 Last-Modified dates";
        check(&kind(), dates, Some((Severity::Bad, title)));
        let tagged = dates.replace("200;", "200; ETag: \"x\";");
        check(&kind(), &tagged, Some((Severity::Warn, title)));
    }

    #[test]
    fn dates_of_just_now_are_of_files_where_tags_show_it() {
        let cause = |exchanges: &str| judge(&View::of(&evidence(exchanges))).expect("two").cause;
        let of = |second: &str, now: &str| {
            format!(
                "3 × -> 200; Date: Thu, 01 Jan 2026 {now} GMT; \
                 Last-Modified: Thu, 01 Jan 2026 00:00:{second} GMT | hello\n"
            )
        };
        let now = [of("00", "00:01:00"), of("07", "00:01:01")].concat();
        assert_eq!(cause(&now), Some("unknown"));
        let long_ago = [of("00", "09:01:00"), of("07", "09:01:01")].concat();
        assert_eq!(cause(&long_ago), Some("copies"));
        let [one, two] = ["6955b900-5", "6955b907-5"].map(|tag| format!("200; ETag: \"{tag}\";"));
        let files = [
            of("00", "00:01:00").replace("200;", &one),
            of("07", "00:01:01").replace("200;", &two),
        ];
        assert_eq!(cause(&files.concat()), Some("copies"));
    }

    #[test]
    fn dates_that_never_come_back_are_made_up_and_no_copies() {
        let cause = |exchanges: &str| judge(&View::of(&evidence(exchanges))).expect("dates").cause;
        let of = |days: &[u32]| -> String {
            let lines = days.iter().map(|day| {
                format!(
                    "-> 200; ETag: \"x\"; Last-Modified: {} 00:00:{day:02} GMT | hello\n",
                    "Thu, 01 Jan 2026"
                )
            });
            lines.collect()
        };
        let random = [7, 3, 49, 22, 58, 1, 30, 11, 4, 40, 19, 55, 8];
        assert_eq!(cause(&of(&random)), Some("made-up"));
        let again = [7, 3, 49, 22, 58, 1, 30, 11, 7, 3, 49, 22, 58];
        assert_eq!(cause(&of(&again)), Some("copies"), "copies of eight servers");
        assert_eq!(cause(&of(&random[..5])), Some("copies"), "too few to tell");
    }

    #[test]
    fn dates_of_other_contents_and_of_other_codings_are_not() {
        let contents = r"
            2 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | old
            2 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:07 GMT | new
        ";
        check(&kind(), contents, None);
        let compressed_in_advance = r"
            -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
            Accept-Encoding: gzip -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:07 GMT; Content-Encoding: gzip | hello
        ";
        check(&kind(), compressed_in_advance, None);
    }

    #[test]
    fn dates_beside_tags_that_decide_harm_those_alone_that_keep_no_tags() {
        let tagged = r#"
            2 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
            2 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:07 GMT | hello
            2 × If-None-Match: "x"; If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304; ETag: "x"
            If-None-Match: "nobody"; If-Modified-Since: Thu, 01 Jan 2026 00:00:07 GMT -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:07 GMT | hello
        "#;
        let title = "one content, 2 Last-Modified dates";
        check(&kind(), tagged, Some((Severity::Warn, title)));
        let long_past = "If-None-Match: \"x\"; If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT ->";
        let decides = format!("{tagged}\n{long_past} 304; ETag: \"x\"");
        check(&kind(), &decides, Some((Severity::Info, title)));
        let found = judge(&View::of(&evidence(&decides))).expect("two dates");
        let both = "tag and date together, as browsers send them: 2 of 2 got a 304";
        assert_eq!(found.evidence[1], both);
        let full = "200; ETag: \"x\"; Last-Modified: Thu, 01 Jan 2026 00:00:07 GMT | hello";
        check(&kind(), &format!("{tagged}\n{long_past} {full}"), Some((Severity::Warn, title)));
    }

    #[test]
    fn runs_blame_the_date_where_clients_ask_by_it() {
        let polls =
            [exchange(FirstFetch, 1, "\"1\"", "a"), exchange(NeedlessTransfer, 2, "\"2\"", "a")];
        let date = "the same bytes have another Last-Modified on another replica";
        run::check(
            Validator::Date,
            &polls,
            &[("ETL017", Severity::Bad, date), ("ETL001", Severity::Warn, "r1 \"1\"   r2 \"2\"")],
        );
    }
}
