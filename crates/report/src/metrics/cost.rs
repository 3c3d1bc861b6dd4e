//! The rows of what a tag costs its maker, and when they are worth showing.

use measure::record::ArmRecord;

use super::{COUNT, Metric};
use crate::cell::Cell;
use crate::change::Change;
use crate::quantity::durations;
use text::count;

pub(super) const CPU_PER_POLL: Metric = Metric {
    label: "origin CPU per poll",
    column: Some(["origin CPU", "per poll"]),
    shown: |arm| is_cost_told(arm) && arm.origin_cpu_us_per_poll.is_some(),
    cell: |arm| Cell::maybe(arm.origin_cpu_us_per_poll.map(cpu_time)),
    value: |arm| arm.origin_cpu_us_per_poll,
    change: Change::Times,
    headline: true,
    ..COUNT
};

pub(super) const SAVED_PER_CPU_SECOND: Metric = Metric {
    label: "saved per CPU second",
    detail: true,
    column: Some(["saved per", "CPU second"]),
    shown: |arm| is_content_large(arm) && arm.bytes_saved_per_cpu_second.is_some(),
    cell: |arm| {
        let megabytes = |rate: f64| format!("{} MB", count((rate / 1e6).round() as u64));
        Cell::maybe(arm.bytes_saved_per_cpu_second.map(megabytes))
    },
    value: |arm| arm.bytes_saved_per_cpu_second,
    change: Change::Times,
    ..COUNT
};

/// Bytes of content from which on it is worth knowing what a tag costs its maker.
const LARGE_CONTENT_BYTES: f64 = 1e6;

/// Mean bytes of content in a 200.
pub(super) fn content_per_200(arm: &ArmRecord) -> Option<f64> {
    let without = [arm.not_modified, arm.verdicts.fresh_hit, arm.verdicts.error];
    let full = without.into_iter().fold(arm.polls, u64::saturating_sub);
    (full > 0).then(|| arm.bytes.response_content as f64 / full as f64)
}

/// True when the content is so large that making its tag has a notable cost.
pub(crate) fn is_content_large(arm: &ArmRecord) -> bool {
    content_per_200(arm).is_some_and(|content| content >= LARGE_CONTENT_BYTES)
}

/// True when the cost of a poll is reported: for large content, and where replicas query a database.
fn is_cost_told(arm: &ArmRecord) -> bool {
    is_content_large(arm) || arm.shared_store.is_some()
}

/// A time of the processor, to the microsecond.
pub(crate) fn cpu_time(us: f64) -> String {
    durations(&[Some(us.round() as u64)])
}
