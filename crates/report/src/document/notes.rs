//! Notes under a table: parts, errors, instrumentation, noise, conditions.

use measure::record::{ArmRecord, ExpectationRecord, RunRecord};

use measure::numbers::round_trips;
use text::{count, counted};

use super::Section;
use crate::change::WITHIN_NOISE;

pub(super) fn partial(record: &RunRecord, which: &str) -> Option<String> {
    let polls = record.arms.iter().fold(0_u64, |sum, arm| sum.saturating_add(arm.polls));
    let missing = record.shard.as_ref().map_or(0, |shard| shard.missing().count());
    if record.partial && missing > 0 && !record.is_part() {
        return Some(format!(
            "PARTIAL: {which} has {} polls, without those of {}.",
            count(polls),
            counted(missing as u64, "shard")
        ));
    }
    record.partial.then(|| {
        format!(
            "PARTIAL: {which} was interrupted after {} polls. What is here was measured, but it \
             is not all that was asked.",
            count(polls)
        )
    })
}

/// One shard is no result: its numbers are a part of those below its title.
pub(super) fn part(record: &RunRecord) -> Option<String> {
    let shard = record.shard.as_ref().filter(|_| record.is_part())?;
    let [part] = shard.parts.as_slice() else { return None };
    Some(format!("SHARD {part} of {}: its part of the polls alone.", shard.total))
}

/// `errors in before: 3 × refused, 1 × timed out`.
pub(super) fn errors_by_reason(arm: &ArmRecord) -> Option<String> {
    let reason =
        |error: &measure::record::ErrorRecord| format!("{} × {}", count(error.count), error.reason);
    let reasons: Vec<_> = arm.errors.iter().map(reason).collect();
    (!reasons.is_empty()).then(|| format!("errors in {}: {}", arm.name, reasons.join(", ")))
}

// Both directions over complete responses, so a poll that failed does not thin the mean.
pub(super) fn instrumentation(arms: &[ArmRecord]) -> Option<String> {
    let sum = |of: fn(&ArmRecord) -> u64| arms.iter().map(of).fold(0, u64::saturating_add);
    let bytes = sum(|arm| arm.bytes.instrumentation);
    let answered = sum(|arm| round_trips(arm).saturating_sub(arm.verdicts.error));
    (bytes > 0 && answered > 0).then(|| {
        let mean = bytes as f64 / answered as f64;
        format!("instrumentation: {mean:.0} B a poll, included above")
    })
}

pub(super) fn alike(sections: &[Section]) -> Option<String> {
    let alike = sections.iter().flat_map(|section| section.table.alike.iter().map(String::as_str));
    let alike: Vec<_> = alike.collect();
    (!alike.is_empty()).then(|| format!("in every arm: {}", alike.join(", ")))
}

/// Says why a difference is no result, where a table has one that is none.
pub(super) fn noise(sections: &[Section]) -> Option<String> {
    let rows = sections.iter().flat_map(|section| &section.table.rows);
    let any = rows.filter_map(|row| row.change.as_deref()).any(|change| change == WITHIN_NOISE);
    any.then(|| format!("{WITHIN_NOISE}: two runs of one command differ by as much"))
}

pub(super) fn expectations_verdict(expectations: &[ExpectationRecord]) -> Option<String> {
    let all = counted(expectations.len() as u64, "expectation");
    let failed = expectations.iter().filter(|expected| !expected.passed).count();
    match (expectations.len(), failed) {
        (0, _) => None,
        (total, 0) => Some(format!("{total} of {all} held")),
        _ => Some(format!("{failed} of {all} failed")),
    }
}
