//! `conditionals-ignored`: the validator matches, and content is sent all the same.

use measure::{Conduct, Verdict};

use super::{
    cache_answering, coding_switched, date_implausible, last_modified_differs, list_not_understood,
    malformed_tag, stripped_when_compressed, suffix_not_understood, weakened_in_transit,
};
use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::run::evidence::{ArmEvidence, Validator};
use crate::run::sightings::tags_of_most_tagged;
use crate::view::{Trial, View, weak_eq};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("conditionals_ignored.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

pub(super) fn judge(view: &View<'_>) -> Option<Judgement> {
    if malformed_tag::explains_ignored(view) {
        return None;
    }
    let judgement = by_tag(view).or_else(|| coded(view)).or_else(|| by_date(view))?;
    Some(match by_cache(view) {
        Some(sign) => judgement.because("cache").with(format!(
            "a cache sent each of them, not the origin ({sign}): it is the one that ignores"
        )),
        None => judgement.with_all(asked_for(view)),
    })
}

/// Remark where the user's own field asks for all of the content.
fn asked_for(view: &View<'_>) -> Option<&'static str> {
    let is_one = |name: &String| ["cache-control", "pragma"].contains(&name.as_str());
    view.evidence.given.iter().any(is_one).then_some(
        "the request field Cache-Control or Pragma that was given may ask for just that, as a reload \
         does: programs such as Express and Koa then ignore the tag; check without it",
    )
}

/// The field that shows a cache, where every answer that ignored its condition came out of one.
fn by_cache(view: &View<'_>) -> Option<String> {
    let ignored = view.answered().filter(|(seen, answer)| {
        let tag = answer.tag().unwrap_or_default();
        answer.status == 200 && seen.asked.none_match.iter().any(|sent| weak_eq(sent, tag))
    });
    let signs: Option<Vec<_>> = ignored.map(|(_, answer)| cache_answering::sign(answer)).collect();
    signs?.into_iter().next()
}

/// Without compression, or whatever there is where all is compressed.
fn by_tag(view: &View<'_>) -> Option<Judgement> {
    let is_plain = view.tag_tally(false).total() > 0;
    let trials: Vec<_> = view.by_tag.iter().filter(|trial| !is_plain || !trial.coded).collect();
    let single = View::tally(trials.iter().copied());
    let list = View::tally(&view.by_list);
    let honoured = single.honoured + list.honoured;
    // Where a single tag is found, though it gets no 304, lists alone are not understood; and where many
    // were replayed of which none met its own, nobody knows.
    let is_open = single.missed >= MANY || list_not_understood::finds_a_tag(view);
    let in_list = single.matching() == 0 && list.ignored > 0 && list.honoured == 0 && !is_open;
    // A suffix that is not understood has a name of its own.
    let named = !is_plain && suffix_not_understood::judge(view).is_some();
    if named || !(single.ignored > 0 || in_list) {
        return None;
    }
    let title = match (honoured, View::tally(&view.by_date).honoured) {
        (0, 0) => "the tag matches, and a full 200 is sent all the same",
        (0, _) => "If-None-Match is ignored; only If-Modified-Since gets a 304",
        _ => "some replies ignore a matching If-None-Match",
    };
    let of_list = (list.ignored > 0 && honoured == 0).then(|| {
        let what = of_all(list.ignored, list.matching(), "request");
        format!("all tags seen in one If-None-Match: {what} got a full 200 with one of them")
    });
    // It may be lists alone that are not understood; and once may be a moment's doing.
    let confidence = match single.ignored {
        0 => 0.6,
        1 if honoured > 0 => 0.85,
        _ => 0.97,
    };
    let judgement = Judgement::new(Severity::Bad, confidence, title);
    // Where lists alone get a 304, it goes with the form of the request.
    let is_some = single.honoured > 0 && single.ignored > 0;
    let is_read = View::tally(&view.by_any).honoured > 0 && honoured == 0;
    let judgement = match (is_some, is_read) {
        (true, _) => judgement.because("some"),
        (false, true) => judgement.because("unmatched"),
        (false, false) => judgement,
    };
    let has_comma = trials.iter().any(|trial| trial.asked.none_match[0].contains(&b','));
    let of_comma = (has_comma && honoured == 0).then_some(COMMA);
    let of_any = is_read.then_some(
        "`If-None-Match: *` gets a 304, so that the field arrives and the tag is not found in it",
    );
    let counted = judgement.with_all(counted(view, &trials, "tag")).with_all(of_list);
    Some(counted.with_all(of_any).with_all(of_comma))
}

const COMMA: &str = "the tag holds a comma, which is legal: a program that takes If-None-Match apart at \
                     every comma, and not outside quotes alone, never finds it";

/// Replays of which one at least would have met its own tag.
pub(super) const MANY: usize = 8;

/// With compression, where the same tag gets a 304 without it.
fn coded(view: &View<'_>) -> Option<Judgement> {
    let trials: Vec<_> = view.by_tag.iter().filter(|trial| trial.coded).collect();
    let tally = View::tally(trials.iter().copied());
    let named = suffix_not_understood::judge(view).is_some()
        || (weakened_in_transit::is_weakened(view) && tally.honoured == 0);
    (tally.ignored > 0 && !named).then(|| {
        let title = "some compressed replies ignore a matching If-None-Match";
        Judgement::new(Severity::Bad, 0.9, title).with_all(counted(view, &trials, "tag"))
    })
}

/// For servers without tags.
fn by_date(view: &View<'_>) -> Option<Judgement> {
    let trials: Vec<_> = view.by_date.iter().collect();
    let tally = View::tally(trials.iter().copied());
    // A date that is the clock matches by chance, and of copies that are dated otherwise one alone may
    // have been met.
    let differs = last_modified_differs::judge(view).is_some();
    let is_proven = tally.honoured == 0 && tally.ignored >= 2;
    let steady = !date_implausible::is_clock(view) && (!differs || is_proven);
    (!view.is_tagged() && tally.ignored > 0 && steady).then(|| {
        let (title, confidence) = match tally.honoured {
            0 => ("If-Modified-Since is ignored, and there is no ETag", 0.95),
            _ => ("some replies ignore a matching If-Modified-Since, and there is no ETag", 0.9),
        };
        let judgement = Judgement::new(Severity::Bad, confidence, title).because("date");
        judgement.with_all(counted(view, &trials, "date"))
    })
}

/// How many replays were ignored, at each address where there are several.
fn counted(view: &View<'_>, trials: &[&Trial<'_>], what: &str) -> Vec<String> {
    let lanes = &view.evidence.lanes;
    let of_lane = |lane: Option<usize>| {
        let here = trials.iter().copied().filter(|it| lane.is_none_or(|lane| it.lane == lane));
        let tally = View::tally(here);
        let count = of_all(tally.ignored, tally.matching(), "matching request");
        let at = lane.map(|lane| format!(" at {}", lanes[lane].name)).unwrap_or_default();
        (tally.ignored > 0)
            .then(|| format!("full 200 with the very {what} that was sent{at}: {count}"))
    };
    if lanes.len() > 1 {
        return (0..lanes.len()).filter_map(|lane| of_lane(Some(lane))).take(6).collect();
    }
    of_lane(None).into_iter().collect()
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let tally = arm.tally;
    let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
    let ignored = matches!(arm.validator, Validator::Tag)
        // Else the condition is none that the server could have honoured, or it did honour it.
        && matches!(tally.conduct, Conduct::Sound | Conduct::Script)
        && needless > 0
        && tally.counts.conditional > 0
        && tally.tags_for_same_content() == 1
        // These have names of their own.
        && tally.contents_for_same_edition() < 2
        && suffix_not_understood::in_run(arm).is_none()
        && stripped_when_compressed::in_run(arm).is_none()
        && coding_switched::in_run(arm).is_none();
    ignored.then(|| {
        let title = "If-None-Match ignored: the tag is stable, and content is sent all the same";
        Judgement::certain(Severity::Bad, title)
            .with(format!("{needless} needless 200s under one tag: {}", tags_of_most_tagged(tally)))
    })
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{FirstFetch, NeedlessTransfer};

    use super::*;
    use crate::Check;
    use crate::fixture::{self, check, evidence};
    use crate::run::fixture::{self as run, exchange};

    #[test]
    fn a_full_200_with_the_tag_that_was_sent_is_found() {
        let ignored = r#"
            6 × -> 200; ETag: "x" | hello
            3 × If-None-Match: "x" -> 200; ETag: "x" | hello
        "#;
        let title = "the tag matches, and a full 200 is sent all the same";
        check(&kind(), ignored, Some((Severity::Bad, title)));
        let by_date = r#"
            If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304; ETag: "x"
        "#;
        let title = "If-None-Match is ignored; only If-Modified-Since gets a 304";
        check(&kind(), &[ignored, by_date].concat(), Some((Severity::Bad, title)));
    }

    #[test]
    fn a_field_that_arrives_is_taken_away_by_nobody() {
        let unmatched = r#"
            6 × -> 200; ETag: "release-31"; Server: nginx | hello
            3 × If-None-Match: "release-31" -> 200; ETag: "release-31"; Server: nginx | hello
            If-None-Match: * -> 304; ETag: "release-31"; Server: nginx
        "#;
        let check = Check::of(&evidence(unmatched));
        assert_eq!(check.findings[0].cause, Some("unmatched"));
        let fix = check.findings[0].fix();
        assert!(fix.contains("`add_header ETag …`") && fix.contains("--backend"), "{fix}");
        assert!(!fix.contains("proxy_set_header") && !fix.contains("removes the field"), "{fix}");
    }

    #[test]
    fn dates_that_differ_and_are_ignored_are_both_said() {
        let (one, two) = ("Thu, 01 Jan 2026 00:00:00 GMT", "Thu, 01 Jan 2026 00:00:07 GMT");
        let of = |date: &str| {
            format!(
                "4 × -> 200; Last-Modified: {date} | hello\n\
                 2 × If-Modified-Since: {date} -> 200; Last-Modified: {date} | hello\n"
            )
        };
        let check = Check::of(&evidence(&[of(one), of(two)].concat()));
        let names: Vec<_> = check.findings.iter().map(|it| it.kind.name.as_str()).collect();
        assert_eq!(names, ["conditionals-ignored", "last-modified-differs"]);
        assert_eq!(check.findings[0].cause, Some("date"));
        assert!(check.findings[0].fix().starts_with("compare If-Modified-Since"));
    }

    #[test]
    fn a_tag_that_another_replica_made_is_no_ignored_condition() {
        let honoured = r#"
            6 × -> 200; ETag: "x" | hello
            3 × If-None-Match: "x" -> 304; ETag: "x"
        "#;
        check(&kind(), honoured, None);
        let node_local = r#"
            3 × -> 200; ETag: "x" | hello
            3 × If-None-Match: "x" -> 200; ETag: "y" | hello
        "#;
        check(&kind(), node_local, None);
    }

    #[test]
    fn a_date_that_is_ignored_is_found_where_there_is_no_tag() {
        let dates = r"
            6 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
            3 × If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        ";
        let title = "If-Modified-Since is ignored, and there is no ETag";
        check(&kind(), dates, Some((Severity::Bad, title)));
        // One replica of several.
        let honoured = "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT -> 304";
        let title = "some replies ignore a matching If-Modified-Since, and there is no ETag";
        check(&kind(), &[dates, honoured].concat(), Some((Severity::Bad, title)));
    }

    #[test]
    fn one_replay_that_is_lost_is_found_and_named_by_its_address() {
        let fleet = r#"
            2 × @1 -> 200; ETag: "x" | hello
            2 × @2 -> 200; ETag: "x" | hello
            @1 If-None-Match: "x" -> 304; ETag: "x"
            @2 If-None-Match: "x" -> 200; ETag: "x" | hello
        "#;
        let title = "some replies ignore a matching If-None-Match";
        check(&kind(), fleet, Some((Severity::Bad, title)));
        let found = fixture::judge(&kind(), &evidence(fleet)).expect("one is lost");
        let expected =
            "full 200 with the very tag that was sent at backend 2: 1 of 1 matching request";
        assert_eq!(found.evidence, [expected]);
    }

    #[test]
    fn compressed_replays_alone_may_be_ignored() {
        let compressed = r#"
            2 × -> 200; ETag: W/"x" | hello
            2 × If-None-Match: W/"x" -> 304; ETag: W/"x"
            2 × Accept-Encoding: gzip -> 200; ETag: W/"x"; Content-Encoding: gzip | hello
            2 × If-None-Match: W/"x"; Accept-Encoding: gzip -> 304; ETag: W/"x"
            If-None-Match: W/"x"; Accept-Encoding: gzip -> 200; ETag: W/"x"; Content-Encoding: gzip | hello
        "#;
        let title = "some compressed replies ignore a matching If-None-Match";
        check(&kind(), compressed, Some((Severity::Bad, title)));
    }

    #[test]
    fn a_cache_that_answers_is_the_one_that_ignores() {
        let cached = r#"
            6 × -> 200; ETag: "x"; Age: 3 | hello
            3 × If-None-Match: "x" -> 200; ETag: "x"; Age: 4 | hello
        "#;
        let check = Check::of(&evidence(cached));
        let names: Vec<_> = check.findings.iter().map(|it| it.kind.name.as_str()).collect();
        assert_eq!((names, check.findings[0].cause), (vec!["conditionals-ignored"], Some("cache")));
        assert!(check.findings[0].evidence.join(" ").contains("age: 4"), "{:?}", check.findings);
        // The origin ignores it as well.
        let beside = r#"If-None-Match: "x" -> 200; ETag: "x" | hello"#;
        let check = Check::of(&evidence(&[cached, beside].concat()));
        let names: Vec<_> = check.findings.iter().map(|it| it.kind.name.as_str()).collect();
        assert_eq!(names, ["conditionals-ignored", "cache-answering"]);
        assert_eq!(check.findings[0].cause, None);
    }

    #[test]
    fn runs_find_a_stable_tag_with_needless_content() {
        run::check(
            Validator::Tag,
            &[exchange(FirstFetch, 1, "\"x\"", "a"), exchange(NeedlessTransfer, 1, "\"x\"", "a")],
            &[("ETL004", Severity::Bad, "1 needless 200s under one tag: r1 \"x\"")],
        );
    }
}
