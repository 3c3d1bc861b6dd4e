//! The rows of what a tag costs its maker, and when they are worth showing.

use measure::record::ArmRecord;

use super::{Metric, micros, row};
use crate::cell::Cell;
use crate::change::Change;
use crate::quantity::durations;
use text::count;

// CPU times of two runs of one command differ by less than a factor of two.
pub(super) const CPU: Change = Change::TimesFrom(2.0);

pub(super) static ROWS: &[Metric] = &[
    row("origin CPU per poll", ["origin CPU", "per poll"], "origin_cpu_us_per_poll", micros)
        // Where replicas query a database, the queries are the cost, however small the content.
        .when(|arm, us| (is_content_large(arm) || arm.shared_store.is_some()) && us.is_some())
        .headline(CPU),
    row(
        "saved per CPU second",
        ["saved per", "CPU second"],
        "bytes_saved_per_cpu_second",
        |_, rate| Cell::maybe(rate.map(|r| format!("{} MB", count((r / 1e6).round() as u64)))),
    )
    .when(|arm, rate| is_content_large(arm) && rate.is_some())
    .change(CPU)
    .detail_of("origin CPU"),
];

// Bytes of content from which on it is worth knowing what a tag costs its maker.
const LARGE_CONTENT_BYTES: f64 = 1e6;

pub(super) fn content_per_200(arm: &ArmRecord) -> Option<f64> {
    let without = [arm.counts.not_modified, arm.verdicts.fresh_hit, arm.verdicts.error];
    let full = without.into_iter().fold(arm.polls, u64::saturating_sub);
    (full > 0).then(|| arm.bytes.response_content as f64 / full as f64)
}

/// True when the content is so large that making its tag has a notable cost.
pub(crate) fn is_content_large(arm: &ArmRecord) -> bool {
    content_per_200(arm).is_some_and(|content| content >= LARGE_CONTENT_BYTES)
}

pub(crate) fn cpu_time(us: f64) -> String {
    durations(&[Some(us.round() as u64)])
}
