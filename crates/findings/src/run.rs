//! Findings about a run: its arms by themselves, and beside each other.
//!
//! Reads counts and what clients sent back; the same for the lab's replicas, foreign ones and a
//! polled server.

pub(crate) mod evidence;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod sightings;

use measure::record::{ArmRecord, FindingRecord, Severity};
use measure::{Tally, Verdict};

use crate::catalogue::{self, FINDINGS};
use crate::kind::{FindingKind, Judgement};

pub use evidence::{ArmEvidence, Validator};

/// Findings about one arm, worst first; never empty when there was a response.
pub fn of_arm(name: &str, arm: ArmEvidence<'_>) -> Vec<FindingRecord> {
    let judged = FINDINGS.iter().filter_map(|kind| Some((kind, kind.polls?(&arm)?)));
    let mut findings: Vec<_> =
        judged.map(|(kind, judgement)| record(kind, Some(name), judgement)).collect();
    if !findings.iter().any(|finding| finding.severity <= Severity::Warn) {
        // Soundness is no finding and has no code.
        findings.extend(sound(arm.tally).map(|it| record(&FindingKind::default(), Some(name), it)));
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// Findings that only several arms together show.
pub fn between(arms: &[ArmRecord]) -> Vec<FindingRecord> {
    let judged = FINDINGS.iter().filter_map(|kind| Some((kind, kind.arms?(arms)?)));
    judged.map(|(kind, judgement)| record(kind, None, judgement)).collect()
}

/// Record of a warning about the scenario itself, given before the run.
pub fn warning(code: &str, title: String, evidence: String) -> FindingRecord {
    let judgement = Judgement::certain(Severity::Warn, title).with(evidence);
    record(catalogue::find(code).unwrap_or(&FindingKind::default()), None, judgement)
}

fn record(kind: &FindingKind, arm: Option<&str>, judgement: Judgement) -> FindingRecord {
    FindingRecord {
        code: kind.code.clone(),
        name: kind.name.clone(),
        severity: judgement.severity,
        arm: arm.map(str::to_owned),
        title: judgement.title,
        evidence: judgement.evidence.join("; "),
        // The servers of a run are the lab's own, or programs whose product is not known.
        fix: kind.anywhere(judgement.cause).to_owned(),
    }
}

/// Conclusion that revalidation works, with the tag that was seen last.
fn sound(tally: &Tally) -> Option<Judgement> {
    let not_modified = tally.counts.not_modified;
    let replicas = tally.replicas.len();
    let last = tally.replicas.values().find_map(|replica| replica.sightings().last())?;
    let tag = String::from_utf8_lossy(&last.entity_tag);
    let title = match (not_modified, replicas, tally.codings.len()) {
        // Without a 304 nothing is shown to work.
        (0, ..) => return None,
        (_, 1, 0..=1) => format!("the tag is honoured: {tag}"),
        (_, _, 0..=1) => format!("one tag on every replica: {tag}"),
        _ => format!("one tag for each coding, on every replica: {tag}, …"),
    };
    let polls =
        format!("{not_modified} of {} conditional polls got a 304", tally.counts.conditional);
    let evidence = match without_a_condition(tally) {
        0 => polls,
        untagged => format!("{polls}; {untagged} had no tag to send, after a 200 without one"),
    };
    Some(Judgement::certain(Severity::Ok, title).with(evidence))
}

/// Polls of clients that held content and had nothing to revalidate it with.
fn without_a_condition(tally: &Tally) -> u64 {
    let of = |verdict| tally.verdicts.of(verdict);
    let transfers = [Verdict::Changed, Verdict::Regressed, Verdict::NeedlessTransfer];
    let transfers: u64 = transfers.into_iter().map(of).sum();
    // What was asked with a condition, and got content all the same.
    let refused = tally.counts.conditional - tally.counts.not_modified;
    transfers.saturating_sub(refused)
}

#[cfg(test)]
mod tests {
    use measure::record::SharedStoreRecord;

    use super::*;
    use crate::run::Validator;
    use crate::run::fixture::{check, exchange};

    #[test]
    fn a_sound_arm_is_said_to_be_sound() {
        check(
            Validator::Tag,
            &[
                exchange(Verdict::FirstFetch, 1, "\"x\"", "a"),
                exchange(Verdict::Validated, 2, "\"x\"", "a"),
            ],
            &[("", Severity::Ok, "1 of 1 conditional polls got a 304")],
        );
    }

    #[test]
    fn polls_without_a_tag_to_send_are_counted_beside_the_304s() {
        let evidence =
            "1 of 1 conditional polls got a 304; 1 had no tag to send, after a 200 without one";
        check(
            Validator::SharedTag(&SharedStoreRecord::default()),
            &[
                exchange(Verdict::FirstFetch, 1, r#"W/"x""#, "a"),
                exchange(Verdict::Validated, 2, r#"W/"x""#, "a"),
                exchange(Verdict::NeedlessTransfer, 2, "", "a"),
            ],
            &[("", Severity::Ok, evidence)],
        );
    }
}
