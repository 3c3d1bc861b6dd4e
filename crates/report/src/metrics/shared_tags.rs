//! The rows of shared tags and of the database behind them: what was asked, and why a poll was no hit.

use measure::record::{ArmRecord, MissesRecord, SharedStoreRecord};

use super::{COUNT, Metric, fault, number};
use crate::cell::Cell;
use crate::change::Change;
use text::count;

pub(super) const QUERIES: Metric = Metric {
    label: "SQL queries per 1,000 polls",
    column: Some(["SQL queries", "per 1,000 polls"]),
    begins_block: true,
    shown: |arm| queries_per_1000_polls(arm).is_some(),
    cell: |arm| Cell::maybe(queries_per_1000_polls(arm).map(|each| count(each.round() as u64))),
    value: queries_per_1000_polls,
    change: Change::Times,
    headline: true,
    ..COUNT
};

pub(super) const QUERIES_ON_NOT_MODIFIED: Metric = Metric {
    label: "of these on 304s",
    detail: true,
    column: Some(["queries", "on 304s"]),
    shown: |arm| queries_on_not_modified(arm).is_some(),
    cell: |arm| Cell::maybe(queries_on_not_modified(arm).map(count)),
    value: |arm| queries_on_not_modified(arm).map(|queries| queries as f64),
    ..COUNT
};

pub(super) const HITS: Metric = Metric {
    label: "304s without the application",
    column: Some(["304s without", "application"]),
    shown: shares_tags,
    cell: |arm| of_sharing(arm, |store| number(store.hits)),
    value: |arm| sharing(arm).map(|store| store.hits as f64),
    ..COUNT
};

pub(super) const MISSES: Metric = Metric {
    label: "no tag sent / stored / changed",
    detail: true,
    column: Some(["no tag sent /", "stored / changed"]),
    shown: shares_tags,
    cell: |arm| of_sharing(arm, |store| Cell::new(misses(store.misses))),
    ..COUNT
};

pub(super) const TTL_FLOOR: Metric = Metric {
    label: "200s by lifetime, at least",
    detail: true,
    column: Some(["200s by", "lifetime ≥"]),
    shown: |arm| sharing(arm).is_some_and(|store| store.ttl_floor.is_some()),
    cell: |arm| of_sharing(arm, |store| Cell::maybe(store.ttl_floor.map(count))),
    value: |arm| sharing(arm)?.ttl_floor.map(|floor| floor as f64),
    ..COUNT
};

pub(super) const ERRORS: Metric = Metric {
    label: "store errors",
    column: Some(["store", "errors"]),
    shown: |arm| sharing(arm).is_some_and(|store| store.store_errors > 0),
    cell: |arm| of_sharing(arm, |store| fault(store.store_errors)),
    value: |arm| sharing(arm).map(|store| store.store_errors as f64),
    ..COUNT
};

fn queries_per_1000_polls(arm: &ArmRecord) -> Option<f64> {
    arm.shared_store.as_ref()?.queries_per_1000_polls
}

/// Counts of the store of an arm whose tags are in one.
pub(crate) fn sharing(arm: &ArmRecord) -> Option<&SharedStoreRecord> {
    arm.shared_store.as_ref().filter(|shared| shared.store.is_some())
}

fn shares_tags(arm: &ArmRecord) -> bool {
    sharing(arm).is_some()
}

fn queries_on_not_modified(arm: &ArmRecord) -> Option<u64> {
    let asked = arm.shared_store.as_ref().filter(|shared| shared.database);
    asked.map(|shared| shared.queries_on_not_modified)
}

fn of_sharing(arm: &ArmRecord, cell: fn(&SharedStoreRecord) -> Cell) -> Cell {
    sharing(arm).map_or_else(|| Cell::maybe(None), cell)
}

/// Reasons of misses, in the order in which they are checked.
fn misses(misses: MissesRecord) -> String {
    let MissesRecord { header_missing, key_not_found, resource_changed } = misses;
    [header_missing, key_not_found, resource_changed].map(count).join(" / ")
}
