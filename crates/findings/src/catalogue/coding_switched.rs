//! `coding-switched`: the coding changed under the clients.

use std::collections::{BTreeMap, BTreeSet};

use measure::record::CodingRecord;
use measure::{ReplicaTally, TagSighting, Tally, Verdict};

use super::suffix_not_understood;
use crate::contents::comes_back;
use crate::evidence::opaque;
use crate::kind::{FindingKind, Judgement, Severity, of_all};
use crate::run::evidence::ArmEvidence;
use crate::view::{FullResponse, TrialOutcome, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("coding_switched.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

/// Replicas of which some compress.
fn judge(view: &View<'_>) -> Option<Judgement> {
    let sentence = by_replicas(view)?;
    // A suffix that some do not understand has a name of its own, and says this beside it.
    if suffix_not_understood::judge(view).is_some() {
        return None;
    }
    let coded = view.by_tag.iter().filter(|trial| trial.asked.accepts_compression());
    let lost = coded.clone().filter(|trial| trial.outcome != TrialOutcome::Honoured).count();
    let (severity, price) = match lost {
        0 => (Severity::Info, ""),
        _ => (Severity::Bad, ": a tag of one is lost at the other"),
    };
    let title = format!("some replicas compress and others do not{price}");
    let replays =
        format!("full 200 to tags replayed with compression: {lost} of {}", coded.count());
    let judgement = Judgement::new(severity, 0.9, title).because("replicas").with(sentence);
    Some(judgement.with_all((lost > 0).then_some(replays)))
}

/// A sentence about one content that goes to and fro between codings for requests that are alike.
pub(super) fn by_replicas(view: &View<'_>) -> Option<String> {
    let accepting = |seen: &&FullResponse<'_>| {
        let asked = &seen.exchange.asked;
        asked.accept_encoding.as_deref() == Some("gzip") && !seen.is_copy
    };
    let seen: Vec<_> = view.full.iter().filter(accepting).collect();
    let coded = seen.iter().filter(|seen| seen.is_coded()).count();
    let contents: BTreeSet<_> = seen.iter().filter_map(|seen| seen.digests()).collect();
    let mut ways: BTreeMap<usize, BTreeSet<bool>> = BTreeMap::new();
    for one in &seen {
        ways.entry(one.exchange.lane).or_default().insert(one.is_coded());
    }
    // One after the other would be a moment's: a cache that compresses what it has kept, say.
    let is_of_replicas = comes_back(seen.iter().map(|seen| seen.is_coded()))
        || ways.len() > 1 && ways.values().all(|kinds| kinds.len() == 1);
    (contents.len() == 1 && coded > 0 && coded < seen.len() && is_of_replicas).then(|| {
        let compressed = of_all(coded, seen.len(), "answer");
        format!("to requests that accept gzip, compressed: {compressed} of one content")
    })
}

pub(super) fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let tally = arm.tally;
    let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
    // A switch costs each client one transfer; a condition that is ignored costs one each time.
    let works = |seen: &CodingRecord| {
        let needless = seen.needless_transfer;
        needless == 0 || seen.not_modified > needless
    };
    let rare = needless > 0 && tally.codings.values().all(works);
    let agree = tally.tags_for_same_content() == 1 && tally.contents_for_same_edition() < 2;
    let [one, other] = tags_in_two_codings(tally).filter(|_| rare && agree)?;
    let [one, other] = [one, other]
        .map(|tag| format!("{} in {}", String::from_utf8_lossy(&tag.entity_tag), tag.coding));
    let title = "the coding changed under the clients: the tags that they held were of another one";
    let counts = format!("{needless} needless 200s between {} 304s", tally.counts.not_modified);
    Some(Judgement::certain(Severity::Warn, title).with(format!("{counts}: {one}, {other}")))
}

/// One content that was seen under two tags, each in a coding of its own.
fn tags_in_two_codings(tally: &Tally) -> Option<[&TagSighting; 2]> {
    let sightings = || tally.replicas.values().flat_map(ReplicaTally::sightings);
    sightings().find_map(|one| {
        let differs = |other: &&TagSighting| {
            one.with_content
                && other.with_content
                && one.content.is_some()
                && one.content == other.content
                && one.coding < other.coding
                && opaque(&one.entity_tag) != opaque(&other.entity_tag)
        };
        Some([one, sightings().find(differs)?])
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
    fn a_fleet_of_which_some_compress_is_told_from_a_change_and_from_a_cache() {
        let plain = "Accept-Encoding: gzip -> 200; ETag: \"x\" | hello\n";
        let coded = "Accept-Encoding: gzip -> 200; ETag: \"y\"; Content-Encoding: gzip | hello\n";
        let lost = "Accept-Encoding: gzip; If-None-Match: \"y\" -> 200; ETag: \"x\" | hello\n";
        let title = "some replicas compress and others do not";
        let turns = format!("{plain}{coded}").repeat(3);
        check(&kind(), &turns, Some((Severity::Info, title)));
        let title = "some replicas compress and others do not: a tag of one is lost at the other";
        check(&kind(), &format!("{turns}{lost}"), Some((Severity::Bad, title)));
        let lanes = turns.replace("Accept", "@1 Accept").replace(
            "@1 Accept-Encoding: gzip -> 200; ETag: \"y\"",
            "@2 Accept-Encoding: gzip -> 200; ETag: \"y\"",
        );
        check(&kind(), &lanes, Some((Severity::Info, "some replicas compress and others do not")));
        // Switched on once; a cache that compresses what it has; another content.
        check(&kind(), &format!("{}{}", plain.repeat(4), coded.repeat(4)), None);
        let kept = coded.replace("200;", "200; Age: 9;");
        check(&kind(), &format!("{kept}{}", format!("{kept}{plain}").repeat(2)), None);
        check(&kind(), &turns.replace("gzip | hello", "gzip | world"), None);
    }

    #[test]
    fn needless_content_in_a_coding_that_validates_is_that_of_another_coding() {
        let (plain, coded) = ("\"x\"", "\"x-gzip\"");
        let before = [(FirstFetch, Identity, plain), (Validated, Identity, plain)];
        let burst = (NeedlessTransfer, Gzip, coded);
        let after = [(Validated, Gzip, coded), (Validated, Gzip, coded)];
        check_codings(&[&before[..], &[burst], &after].concat(), &["ETL019"]);
        // Where nothing ever validates in that coding, the suffix is not understood.
        check_codings(&[&before[..], &[burst]].concat(), &["ETL010"]);
        // Nobody held another one.
        check_codings(&[&[(FirstFetch, Gzip, coded), burst][..], &after].concat(), &["ETL004"]);
        // The weak form is no other tag.
        let weak = [(NeedlessTransfer, Gzip, "W/\"x\""), after[0], after[0]];
        let weak = weak.map(|(verdict, coding, _)| (verdict, coding, "W/\"x\""));
        check_codings(&[&before[..], &weak].concat(), &["ETL004"]);
    }
}
