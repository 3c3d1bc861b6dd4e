//! The rows of a control plane: what its source was asked, and how late a change arrived.
//!
//! Rates and delays of changes are reported as they would be without the time factor, which is how
//! the published ones read and how the scenario writes its intervals; the row below a rate has what
//! really happened in the run.

use measure::record::{ArmRecord, FreshnessRecord};

use super::cost::CPU;
use super::{Metric, NO_COLUMN, cpu_time, fault, measured, nonzero, part_of, row, size};
use crate::cell::Cell;
use crate::change::Change;
use crate::quantity::{NOTHING, durations};
use measure::numbers::SOURCE_RATE;
use text::count;

// Counts of what a clock sets off: of few requests, one more or less is a large part.
const RATE: Change = Change::TimesFrom(1.5);

pub(super) static ROWS: &[Metric] = &[
    row("source requests/s", ["source", "requests/s"], SOURCE_RATE, rate)
        .when(measured)
        .headline(RATE)
        .begins_block(),
    row("with time sped up", NO_COLUMN, "source_requests_per_s", rate)
        .when(|arm, per_second| is_compressed(arm) && per_second.is_some())
        .no_change()
        .detail_of("source requests/s"),
    row("source CPU", ["source", "CPU"], "source_cpu_s", |_, seconds| {
        Cell::maybe(seconds.map(|seconds| cpu_time(1e6 * seconds)))
    })
    .when(measured)
    .headline(CPU),
    row("bytes from the source", NO_COLUMN, "source_content_bytes", size)
        .when(measured)
        .headline(RATE),
    row("client requests/s", ["client", "requests/s"], "client_requests_per_s_uncompressed", rate)
        .when(measured)
        .headline(RATE),
    row("with time sped up", NO_COLUMN, "client_requests_per_s", rate)
        .when(|arm, _| is_compressed(arm))
        .no_change()
        .detail_of("client requests/s"),
    row("change seen p50 / p99", ["change seen", "p50 / p99"], "freshness_p50_us", |arm, _| {
        delays(arm, |changes, _| [Some(changes.p50), Some(changes.p99)])
    })
    .when(measured)
    .change(Change::Unproven),
    row("slowest / expected at most", NO_COLUMN, "freshness_max_us", |arm, _| {
        delays(arm, |changes, bound| [Some(changes.max), bound])
    })
    .when(measured)
    .no_change()
    .detail_of("change seen"),
    row("clients up to date", NO_COLUMN, "clients_up_to_date", |arm, clients| {
        part_of(arm.setup.clients.into(), "", clients)
    })
    .when(measured),
    row("contents of no edition", NO_COLUMN, "unknown_tables", |arm, tables| {
        fault(arm, tables.or(Some(0.0)))
    })
    .when(nonzero),
    row("differences found", ["differences", "found"], "differences", fault).when(measured),
    row("kills of proxy / source", NO_COLUMN, "proxy_kills", |arm, _| {
        Cell::maybe(kills(arm).map(|kills| kills.map(count).join(" / ")))
    })
    .when(|arm, _| kills(arm).is_some_and(|kills| kills != [0, 0]))
    .no_change(),
];

/// True when intervals were shortened, so that rates in the run differ from those reported first.
fn is_compressed(arm: &ArmRecord) -> bool {
    arm.control_plane.as_ref().is_some_and(|plane| plane.time_factor > 1.0)
}

/// Delays of changes as they would be without the time factor.
fn delays(arm: &ArmRecord, chosen: fn(FreshnessRecord, Option<u64>) -> [Option<u64>; 2]) -> Cell {
    let shown = arm.control_plane.as_ref().and_then(|plane| {
        let micros = chosen(plane.freshness_us?, plane.freshness_bound_us);
        if plane.time_factor <= 1.0 {
            return Some(durations(&micros));
        }
        let seconds = |micros: u64| format!("{:.2}", micros as f64 * plane.time_factor / 1e6);
        let each = micros.map(|micros| micros.map_or_else(|| NOTHING.to_owned(), seconds));
        Some(format!("{} s", each.join(" / ")))
    });
    Cell::maybe(shown)
}

fn rate(_: &ArmRecord, value: Option<f64>) -> Cell {
    Cell::maybe(value.map(per_second))
}

// Three digits say enough.
pub(crate) fn per_second(rate: f64) -> String {
    match rate {
        r if r >= 100.0 => count(r.round() as u64),
        r if r >= 10.0 => format!("{r:.1}"),
        r => format!("{r:.2}"),
    }
}

fn kills(arm: &ArmRecord) -> Option<[u64; 2]> {
    arm.control_plane.as_ref().map(|plane| [plane.proxy_kills, plane.source_kills])
}
