//! The rows of shared tags and of the database behind them: what was asked, and why a poll was no hit.
//!
//! Replicas count these themselves, because only they know their queries and why a look-up missed.

use measure::record::{ArmRecord, SharedStoreRecord};

use super::{Metric, fault, measured, nonzero, number, row};
use crate::cell::Cell;
use crate::change::Change;
use text::count;

pub(super) static ROWS: &[Metric] = &[
    row(
        "SQL queries per 1,000 polls",
        ["SQL queries", "per 1,000 polls"],
        "store_queries_per_1000_polls",
        number,
    )
    .when(measured)
    .headline(Change::Times)
    .begins_block(),
    row("of these on 304s", ["queries", "on 304s"], "store_queries_on_not_modified", number)
        .when(measured)
        .only_if(|arm| arm.shared_store.as_ref().is_some_and(|shared| shared.database))
        .detail(),
    row("304s without the application", ["304s without", "application"], "store_hits", number)
        .when(measured)
        .only_if(shares_tags),
    row(
        "no tag sent / stored / changed",
        ["no tag sent /", "stored / changed"],
        "store_header_missing",
        |arm, _| Cell::maybe(sharing(arm).map(misses)),
    )
    .when(measured)
    .only_if(shares_tags)
    .no_change()
    .detail(),
    row("200s by lifetime, at least", ["200s by", "lifetime ≥"], "store_ttl_floor", number)
        .when(measured)
        .only_if(shares_tags)
        .detail(),
    row("store errors", ["store", "errors"], "store_errors", fault)
        .when(nonzero)
        .only_if(shares_tags),
];

pub(crate) fn sharing(arm: &ArmRecord) -> Option<&SharedStoreRecord> {
    arm.shared_store.as_ref().filter(|shared| shared.store.is_some())
}

fn shares_tags(arm: &ArmRecord) -> bool {
    sharing(arm).is_some()
}

fn misses(shared: &SharedStoreRecord) -> String {
    let misses = shared.misses;
    [misses.header_missing, misses.key_not_found, misses.resource_changed].map(count).join(" / ")
}
