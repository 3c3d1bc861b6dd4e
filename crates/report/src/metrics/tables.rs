//! The rows of a data plane: what became of the content that clients had stored, failures included.

use measure::record::ArmRecord;

use super::{COUNT, Metric, fault, number};
use crate::cell::{Cell, Tone};
use crate::change::Change;
use crate::quantity::durations;
use text::count;

pub(super) const HELD: Metric = Metric {
    label: "tables at the end",
    column: Some(["tables at", "the end"]),
    shown: tells_tables,
    cell: tables_held,
    value: |arm| Some(arm.tables.held_at_end as f64),
    ..COUNT
};

pub(super) const LOST: Metric = Metric {
    label: "tables lost",
    column: Some(["tables", "lost"]),
    shown: tells_tables,
    cell: |arm| fault(arm.tables.lost),
    value: |arm| Some(arm.tables.lost as f64),
    ..COUNT
};

pub(super) const LOADS: Metric = Metric {
    label: "table loads",
    column: Some(["table", "loads"]),
    shown: tells_tables,
    cell: |arm| number(arm.tables.loads),
    value: |arm| Some(arm.tables.loads as f64),
    ..COUNT
};

pub(super) const SURVIVED: Metric = Metric {
    label: "polls survived",
    column: Some(["polls", "survived"]),
    shown: tells_tables,
    cell: |arm| number(arm.tables.kept_through_errors),
    value: |arm| Some(arm.tables.kept_through_errors as f64),
    ..COUNT
};

pub(super) const LONGEST_UNCONFIRMED: Metric = Metric {
    label: "longest on old table",
    detail: true,
    shown: |arm| tells_tables(arm) && arm.tables.kept_through_errors > 0,
    cell: |arm| Cell::new(durations(&[Some(arm.tables.longest_unconfirmed_us)])),
    value: |arm| Some(arm.tables.longest_unconfirmed_us as f64),
    change: Change::Percent,
    ..COUNT
};

/// True when the changes to stored content are reported: to users who set `on-error`.
fn tells_tables(arm: &ArmRecord) -> bool {
    arm.setup.caching.on_error.is_some()
}

fn tables_held(arm: &ArmRecord) -> Cell {
    let (held, clients) = (arm.tables.held_at_end, u64::from(arm.setup.clients));
    let all = held == clients;
    let of = format!("{}/{} clients", count(held), count(clients));
    Cell::new(of).tone(if all { Tone::Good } else { Tone::Bad })
}
