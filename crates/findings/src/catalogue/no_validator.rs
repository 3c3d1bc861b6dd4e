//! `no-validator`: neither `ETag` nor `Last-Modified`.

use std::collections::{BTreeMap, BTreeSet};

use measure::{ContentCoding, Tally, Verdict};

use super::content_differs_per_replica;
use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::run::evidence::{ArmEvidence, Validator};
use crate::view::{FullResponse, TrialOutcome, View};

mod by_cache;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("no_validator.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let (coded, plain) = view.coded_and_plain();
    // Layers that compress may strip tags: plain responses show what the origin sends.
    let judged = if plain.is_empty() { coded } else { plain };
    if let Some(judgement) = by_cache::judge(view, &judged) {
        return Some(judgement);
    }
    let (bare, all) = (judged.iter().filter(|seen| seen.is_bare()).count(), judged.len());
    if bare == 0 {
        return without_a_tag(view, &judged).or_else(|| hidden(view));
    }
    // What lacks them is another content.
    let differs = content_differs_per_replica::judge(view).and_then(|it| it.cause);
    if bare < all && differs.is_some() {
        return None;
    }
    let is_bare = |seen: &FullResponse<'_>| seen.is_bare();
    let (severity, title) = if bare < all && is_throughout(view, &judged, is_bare) {
        (Severity::Bad, "some responses carry neither ETag nor Last-Modified: replicas differ")
    } else if bare < all {
        (Severity::Bad, "some responses carry neither ETag nor Last-Modified, others do")
    } else if view.coded_tag().is_some() {
        (Severity::Warn, "neither ETag nor Last-Modified without compression, a tag with it")
    } else {
        (Severity::Bad, "neither ETag nor Last-Modified: every poll is a full 200")
    };
    let confidence = if all >= 3 { 0.98 } else { 0.8 };
    let without = format!("without a validator: {}", of_all(bare, all, "response"));
    let doubt = title.ends_with("others do").then_some(DOUBT);
    Some(Judgement::new(severity, confidence, title).with(without).with_all(doubt))
}

const DOUBT: &str = "cannot be told apart: replicas that differ, and processes whose first answers \
                     lack it; check again: if it is the first answers, none lacks it then";

/// Reports whether what is lacking goes on to lack, or belongs to some ways: first answers of
/// processes become fewer.
fn is_throughout(
    view: &View<'_>,
    judged: &[&FullResponse<'_>],
    lacks: impl Fn(&FullResponse<'_>) -> bool,
) -> bool {
    let seen: Vec<_> = judged.iter().copied().filter(|seen| !seen.is_copy).collect();
    let mut ways: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for one in &seen {
        let (lacking, all) = ways.entry(one.exchange.lane).or_default();
        (*lacking, *all) = (*lacking + usize::from(lacks(one)), *all + 1);
    }
    // A 304 to a tag shows one as well.
    let knows = |lane: usize| {
        let mut trials = view.by_tag.iter();
        trials.any(|trial| trial.lane == lane && trial.outcome == TrialOutcome::Honoured)
    };
    let is_one_kind = |(lane, (lacking, all)): (&usize, &(usize, usize))| {
        *all > 1 && (*lacking == 0 || lacking == all && !knows(*lane))
    };
    if ways.len() > 1 && ways.iter().all(is_one_kind) {
        return true;
    }
    // Halves of all answers: a 304 to a tag comes from one that has it.
    let middle = view.placed().map(|(place, ..)| place).nth(view.answered().count() / 2);
    let is_late = |one: &&FullResponse<'_>| Some(one.place) >= middle;
    let lacking = || seen.iter().copied().filter(|one| lacks(one));
    let late = lacking().filter(is_late).count();
    let early = lacking().count() - late;
    late >= 2 && late * 5 >= early * 3
}

/// Some replicas send a tag, others a date alone.
fn without_a_tag(view: &View<'_>, judged: &[&FullResponse<'_>]) -> Option<Judgement> {
    // `If-None-Match` is true where there is no tag (RFC 9110 §13.1.2), and it switches the date
    // off: so the dates of the others do not help.
    let (tagged, untagged): (Vec<_>, Vec<_>) = judged.iter().partition(|seen| seen.tag.is_some());
    let contents =
        |of: &[&&FullResponse<'_>]| of.iter().filter_map(|seen| seen.key).collect::<BTreeSet<_>>();
    if contents(&tagged).is_disjoint(&contents(&untagged)) {
        return None;
    }
    if super::malformed_tag::explains_missing(view) {
        return None;
    }
    let tally = View::tally(&view.by_tag);
    let severity = if tally.missed > 0 { Severity::Bad } else { Severity::Warn };
    // What a cache keeps comes for long, and first answers of processes may be it.
    let is_kept = view.full.iter().any(|seen| seen.is_copy);
    let is_late = !is_kept && is_throughout(view, judged, |seen| seen.tag.is_none());
    let title = if is_late {
        "some responses carry no ETag, others do: replicas differ"
    } else {
        "some responses carry no ETag, others do"
    };
    let without = of_all(untagged.len(), judged.len(), "response");
    let replays = || format!("the tag of the others, replayed: {}", tally.got_304());
    let judgement = Judgement::new(severity, 0.95, title);
    let judgement = judgement.with(format!("a Last-Modified and no tag: {without}"));
    let doubt = (!is_late).then_some(DOUBT);
    Some(judgement.with_all((tally.total() > 0).then(replays)).with_all(doubt))
}

/// Tags that scripts of other origins may not read, though these may read the response.
fn hidden(view: &View<'_>) -> Option<Judgement> {
    let all = view.answered().chain(view.unusual());
    let allowed = all.filter(|(_, answer)| {
        let is_allowed = answer.fields.get("access-control-allow-origin").is_some();
        is_allowed && answer.status == 200 && answer.tag().is_some()
    });
    let exposed: Vec<_> =
        allowed.map(|(_, answer)| answer.fields.list("access-control-expose-headers")).collect();
    let names_tag =
        |list: &String| list.split(',').any(|name| ["etag", "*"].contains(&name.trim()));
    let is_hidden = !exposed.is_empty() && !exposed.iter().any(names_tag);
    let title = "scripts of other origins cannot read the tag, so that they cannot send it";
    is_hidden.then(|| {
        let all = of_all(exposed.len(), exposed.len(), "response");
        let what = format!("Access-Control-Expose-Headers does not name ETag: {all}");
        Judgement::new(Severity::Info, 0.9, title).because("hidden").with(what)
    })
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let tally = arm.tally;
    let rest = "nothing to send back, every poll is a full 200";
    if tally.counts.conditional > 0 {
        return None;
    }
    if matches!(arm.validator, Validator::Date) {
        let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
        let what = Judgement::certain(Severity::Bad, format!("no Last-Modified: {rest}"));
        let count = format!("{needless} needless 200s, and no request was conditional");
        return (needless > 0).then(|| what.with(count));
    }
    let responses = tally.verdicts.total() - tally.verdicts.of(Verdict::Error);
    let tagged = tally.replicas.values().any(|replica| replica.sightings().next().is_some());
    (responses > 0 && !tagged).then(|| {
        Judgement::certain(Severity::Bad, format!("no entity tag: {rest}"))
            .with(format!("responses without ETag: {responses}{}", perhaps_stripped(tally)))
            .with_all((tally.bytes.instrumentation == 0).then_some(BY_DATE))
    })
}

/// Way out for servers that are not the lab's, and may have dates. Its own are polled as they are to be.
const BY_DATE: &str = "if they have Last-Modified: --validate last-modified polls by date";

/// Remark for an arm in which all content came coded, so that it is not known who left the tag out.
fn perhaps_stripped(tally: &Tally) -> &'static str {
    if tally.codings.is_empty() || tally.codings.contains_key(&ContentCoding::Identity) {
        return "";
    }
    ", all of them compressed, and compressing layers strip tags: ask without Accept-Encoding, too"
}

#[cfg(test)]
mod tests {
    use measure::Verdict::FirstFetch;

    use super::*;
    use crate::fixture::check;
    use crate::run::fixture::{self as run, exchange};

    #[test]
    fn neither_tag_nor_date_is_found_and_either_is_not() {
        let title = "neither ETag nor Last-Modified: every poll is a full 200";
        check(&kind(), "3 × -> 200 | hello", Some((Severity::Bad, title)));
        check(&kind(), r#"3 × -> 200; ETag: "x" | hello"#, None);
        check(&kind(), "3 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello", None);
    }

    #[test]
    fn replicas_without_a_tag_among_others_that_have_one_are_found() {
        let fleet = r#"
            3 × -> 200; ETag: "x"; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
            3 × -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
            If-None-Match: "x" -> 200; Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT | hello
        "#;
        let title = "some responses carry no ETag, others do: replicas differ";
        check(&kind(), fleet, Some((Severity::Bad, title)));
    }

    #[test]
    fn a_tag_that_scripts_of_other_origins_cannot_read_is_worth_knowing() {
        let check = |fields: &str, expected| {
            check(&kind(), &format!("3 × -> 200; ETag: \"x\"; {fields} | hello"), expected);
        };
        let title = "scripts of other origins cannot read the tag, so that they cannot send it";
        let hidden = Some((Severity::Info, title));
        check("Access-Control-Allow-Origin: *", hidden);
        let some = "Access-Control-Allow-Origin: *; Access-Control-Expose-Headers:";
        check(&format!("{some} X-Count"), hidden);
        check(&format!("{some} X-Count, ETag"), None);
        check(&format!("{some} *"), None);
        check("Access-Control-Allow-Methods: GET", None);
    }

    #[test]
    fn runs_count_the_responses_without_a_tag() {
        let bare = [exchange(FirstFetch, 1, "", "a")];
        run::check(
            Validator::Tag,
            &bare,
            &[(
                "ETL003",
                Severity::Bad,
                "responses without ETag: 1; if they have Last-Modified: --validate last-modified \
                 polls by date",
            )],
        );
        run::check(Validator::Tag, &[exchange(FirstFetch, 1, "\"x\"", "a")], &[]);
    }
}
