//! `suffix-not-understood`: the compressed variant's tag never gets a 304.

use std::collections::BTreeSet;

use measure::{ContentCoding, ReplicaTally, Verdict};

use crate::evidence::inner;
use crate::kind::{FindingKind, Judgement, Severity, shown};
use crate::run::evidence::ArmEvidence;
use crate::tag_form::split_suffix;
use crate::view::{TrialCounts, TrialOutcome, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("suffix_not_understood.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

pub(super) fn judge(view: &View<'_>) -> Option<Judgement> {
    let (plain, coded) = (tally(view, false), tally(view, true));
    let weakened = super::weakened_in_transit::is_weakened(view);
    // What stood at the beginning alone, or was replaced, is missed for another reason.
    let is_known = |sent: &[u8]| view.full.iter().any(|seen| seen.tag == Some(sent));
    let missed = view.by_tag.iter().chain(&view.by_list).filter(|trial| {
        let sent = &trial.asked.none_match;
        trial.coded && trial.outcome == TrialOutcome::Missed && sent.iter().any(|tag| is_known(tag))
    });
    let refused = coded.ignored + if is_one_but_for_suffixes(view) { missed.count() } else { 0 };
    let tag = view.coded_tag()?;
    let text = String::from_utf8_lossy(inner(tag)).into_owned();
    let (_, suffix) = split_suffix(&text);
    // Where lists are not taken apart, they tell nothing of the suffix.
    let alone = View::tally(view.by_tag.iter().filter(|trial| trial.coded));
    let reads_lists = View::tally(&view.by_list).honoured > 0;
    let is_refused = alone.ignored > 0 || reads_lists && refused > 0;
    let somewhere = coded.honoured > 0 && is_refused && !suffix.is_empty();
    let nowhere = coded.honoured == 0 && refused >= 2;
    if weakened || !(somewhere || nowhere) {
        return None;
    }
    // A capture may hold compressed exchanges alone: then the suffix has to speak for itself.
    if plain.honoured == 0 && (plain.total() > 0 || suffix.is_empty()) {
        return None;
    }
    let title = if somewhere {
        format!("the suffix {suffix} is understood by some replicas and not by others")
    } else if suffix.is_empty() {
        "the tag of the compressed variant never gets a 304".to_owned()
    } else {
        format!("the suffix {suffix} is not understood: compressed, no poll gets a 304")
    };
    let replays = format!("{} replayed with compression: {}", shown(tag), coded.got_304());
    let without = format!("without compression: {}", plain.got_304());
    let judgement = Judgement::new(Severity::Bad, 0.97, title).with_all([replays, without]);
    Some(judgement.with_all(super::coding_switched::by_replicas(view)))
}

/// Reports whether all tags are one tag but for the suffixes of codings.
fn is_one_but_for_suffixes(view: &View<'_>) -> bool {
    let tags: BTreeSet<_> = view.full.iter().filter_map(|seen| seen.tag).map(inner).collect();
    let base = |tag: &&[u8]| split_suffix(&String::from_utf8_lossy(tag)).0.to_owned();
    tags.len() > 1 && tags.iter().map(base).collect::<BTreeSet<_>>().len() == 1
}

fn tally(view: &View<'_>, coded: bool) -> TrialCounts {
    // Where tags differ per replica as well, the list still holds the right one.
    let trials = view.by_tag.iter().chain(&view.by_list);
    View::tally(trials.filter(|trial| trial.coded == coded))
}

/// Tags of coded content never match, and each names the coding.
pub(super) fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let tally = arm.tally;
    let (coding, seen) = tally.codings.iter().find(|(coding, seen)| {
        **coding != ContentCoding::Identity && seen.needless_transfer > 0 && seen.not_modified == 0
    })?;
    // Where more content was needless in other codings, it is not the suffix that is at fault.
    let elsewhere = tally.verdicts.of(Verdict::NeedlessTransfer) - seen.needless_transfer;
    let sightings = tally.replicas.values().flat_map(ReplicaTally::sightings);
    let tags: BTreeSet<_> = sightings
        .filter(|sighting| sighting.coding == *coding)
        .map(|sighting| sighting.entity_tag.as_slice())
        .collect();
    let names_coding =
        |tag: &&[u8]| !split_suffix(&String::from_utf8_lossy(inner(tag))).1.is_empty();
    // With several tags for the same content it is the replicas that disagree.
    let disagree = tally.tags_for_same_content() > 1;
    let first = tags.first()?;
    (tags.iter().all(names_coding) && elsewhere <= seen.needless_transfer && !disagree).then(|| {
        let title = "the suffix that compression adds to the tag is not understood on its way back";
        Judgement::certain(Severity::Bad, title).with(format!(
            "{} needless 200s in {coding} under {}, and not one 304",
            seen.needless_transfer,
            String::from_utf8_lossy(first)
        ))
    })
}

#[cfg(test)]
mod tests {
    use measure::ContentCoding::{Gzip, Identity};
    use measure::Verdict::{FirstFetch, NeedlessTransfer, Validated};

    use super::*;
    use crate::fixture::check;
    use crate::run::fixture::check_codings;

    #[test]
    fn a_suffix_that_never_matches_is_not_understood() {
        let suffix = r#"
            2 × -> 200; ETag: "x" | hello
            2 × If-None-Match: "x" -> 304; ETag: "x"
            2 × Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Content-Encoding: gzip | hello
            2 × If-None-Match: "x-gzip"; Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Content-Encoding: gzip | hello
        "#;
        let title = "the suffix -gzip is not understood: compressed, no poll gets a 304";
        check(&kind(), suffix, Some((Severity::Bad, title)));
    }

    #[test]
    fn a_suffix_that_gets_a_304_is_understood() {
        let suffix = r#"
            2 × -> 200; ETag: "x" | hello
            2 × If-None-Match: "x" -> 304; ETag: "x"
            2 × Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Content-Encoding: gzip | hello
            2 × If-None-Match: "x-gzip"; Accept-Encoding: gzip -> 304; ETag: "x-gzip"
        "#;
        check(&kind(), suffix, None);
    }

    #[test]
    fn lists_that_are_not_understood_say_nothing_of_a_suffix() {
        let lists = r#"
            2 × -> 200; ETag: "x" | hello
            2 × If-None-Match: "x" -> 304; ETag: "x"
            2 × If-None-Match: "n", "x" -> 200; ETag: "x" | hello
            2 × Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Content-Encoding: gzip | hello
            2 × If-None-Match: "x-gzip"; Accept-Encoding: gzip -> 304; ETag: "x-gzip"
            2 × If-None-Match: "n", "x-gzip"; Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Content-Encoding: gzip | hello
        "#;
        check(&kind(), lists, None);
        let alone = r#"If-None-Match: "x-gzip"; Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Content-Encoding: gzip | hello"#;
        let title = "the suffix -gzip is understood by some replicas and not by others";
        check(&kind(), &[lists, alone].concat(), Some((Severity::Bad, title)));
    }

    #[test]
    fn a_tag_of_first_answers_is_missed_for_another_reason() {
        let warm_up = r#"
            2 × -> 200; ETag: "a" | hello
            -> 200; ETag: "x" | hello
            -> 200; ETag: "a" | hello
            9 × -> 200; ETag: "x" | hello
            6 × If-None-Match: "x" -> 304; ETag: "x"
            3 × Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Content-Encoding: gzip | hello
            2 × If-None-Match: "a-gzip"; Accept-Encoding: gzip -> 200; ETag: "x-gzip"; Content-Encoding: gzip | hello
            3 × If-None-Match: "x-gzip"; Accept-Encoding: gzip -> 304; ETag: "x-gzip"
        "#;
        check(&kind(), warm_up, None);
    }

    #[test]
    fn runs_find_it_where_no_tag_with_that_suffix_gets_a_304() {
        let tag = "\"x-gzip\"";
        let lost = [(FirstFetch, Gzip, tag), (NeedlessTransfer, Gzip, tag)];
        check_codings(&lost, &["ETL010"]);
        check_codings(&[&lost[..], &[(Validated, Identity, "\"x\"")]].concat(), &["ETL010"]);
        check_codings(&[(FirstFetch, Gzip, tag), (Validated, Gzip, tag)], &[""]);
        // Without a suffix it is the condition that is ignored.
        check_codings(
            &[(FirstFetch, Gzip, "\"x\""), (NeedlessTransfer, Gzip, "\"x\"")],
            &["ETL004"],
        );
    }
}
