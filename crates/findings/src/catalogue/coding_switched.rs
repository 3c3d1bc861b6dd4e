//! `coding-switched`: the coding changed under the clients.

use measure::record::CodingRecord;
use measure::{ReplicaTally, TagSighting, Tally, Verdict};

use crate::evidence::opaque;
use crate::kind::{FindingKind, Judgement, Severity};
use crate::run::evidence::ArmEvidence;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("coding_switched.toml");
    FindingKind { polls: Some(in_run), ..FindingKind::read(words) }
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

    use crate::run::fixture::check_codings;

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
