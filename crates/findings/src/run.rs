//! Findings about a run: its arms by themselves, and beside each other.
//!
//! Reads counts and what clients sent back; the same for the lab's replicas, foreign ones and a
//! polled server.

#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod sightings;
mod sound;

use measure::Tally;
use measure::record::{ArmRecord, FindingRecord, Severity, SharedStoreRecord};

use crate::catalogue::{self, FINDINGS};
use crate::kind::{FindingKind, Judgement};

/// One arm of a run, as the judges read it.
#[derive(Clone, Copy, Debug)]
pub struct ArmEvidence<'a> {
    /// Polls of the arm, counted.
    pub tally: &'a Tally,
    /// Validator that its clients send.
    pub validator: Validator<'a>,
}

/// Validator that the clients of an arm send.
#[derive(Clone, Copy, Debug)]
pub enum Validator<'a> {
    /// Entity tags, with or without a date beside them.
    Tag,
    /// Tags out of a store that all replicas share. Such a tag belongs to no replica: where the
    /// same bytes carry several, the store has had several.
    SharedTag(&'a SharedStoreRecord),
    /// Dates alone.
    Date,
}

/// Findings about one arm, worst first; never empty when there was a response.
pub fn of_arm(name: &str, arm: ArmEvidence<'_>) -> Vec<FindingRecord> {
    let judged = FINDINGS.iter().filter_map(|kind| Some((kind, kind.polls?(&arm)?)));
    let mut findings: Vec<_> =
        judged.map(|(kind, judgement)| record(kind, Some(name), judgement)).collect();
    if !findings.iter().any(|finding| finding.severity <= Severity::Warn) {
        // Soundness is no finding and has no code.
        findings
            .extend(sound::sound(arm.tally).map(|it| record(&FindingKind::BLANK, Some(name), it)));
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
    let kind = catalogue::find(code).unwrap_or(&FindingKind::BLANK);
    record(kind, None, Judgement::certain(Severity::Warn, title).with(evidence))
}

fn record(kind: &FindingKind, arm: Option<&str>, judgement: Judgement) -> FindingRecord {
    FindingRecord {
        code: kind.code.to_owned(),
        name: kind.name.to_owned(),
        severity: judgement.severity,
        arm: arm.map(str::to_owned),
        title: judgement.title,
        evidence: judgement.evidence.join("; "),
        // The servers of a run are the lab's own, or programs whose product is not known.
        fix: kind.advice_for("", judgement.cause).to_owned(),
    }
}
