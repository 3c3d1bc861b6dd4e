//! The rows of clients that write: what became of their updates.

use measure::record::ArmRecord;

use super::{Metric, fault, measured, nonzero, number, row};
use crate::cell::Cell;
use text::count;

pub(super) static ROWS: &[Metric] = &[
    row("updates accepted", ["updates", "accepted"], "writes_accepted", accepted)
        .when(measured)
        .begins_block(),
    row("updates lost", ["updates", "lost"], "writes_lost", fault).when(measured),
    row("honest writers refused", ["honest wr.", "refused"], "writes_refused_wrongly", fault)
        .when(measured),
    row("conflicts refused", ["conflicts", "refused"], "writes_refused_rightly", number)
        .when(measured),
    row("writes that failed", ["writes", "failed"], "writes_failed", fault).when(nonzero),
];

/// Of these so many: some are refused rightly, and so all is not the aim.
fn accepted(arm: &ArmRecord, value: Option<f64>) -> Cell {
    let all = arm.writes.map(|writes| count(writes.attempted()));
    Cell::maybe(value.zip(all).map(|(part, all)| format!("{}/{all}", count(part as u64))))
}
