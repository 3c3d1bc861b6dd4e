//! The rows of shared tags and of the database behind them: what was asked, and why a poll was no hit.
//!
//! Replicas count these themselves, because only they know their queries and why a look-up missed.

use measure::record::{ArmRecord, SharedStoreRecord};

use super::{Metric, fault, measured, nonzero, number, row};
use crate::change::Change;

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
    row("SQL queries on 304s", ["queries", "on 304s"], "store_queries_on_not_modified", number)
        .when(measured)
        .only_if(|arm| arm.shared_store.as_ref().is_some_and(|shared| shared.database)),
    row("304s from the store alone", ["304s from", "store alone"], "store_hits", number)
        .when(measured)
        .only_if(shares_tags),
    row("polls without a tag", ["polls with-", "out a tag"], "store_header_missing", number)
        .when(measured)
        .only_if(shares_tags),
    row("polls with no tag stored", ["no tag", "stored"], "store_key_not_found", number)
        .when(nonzero)
        .only_if(shares_tags),
    row("polls with an old tag", ["old", "tag"], "store_resource_changed", number)
        .when(nonzero)
        .only_if(shares_tags),
    row("200s by expiry, at least", ["200s by", "expiry ≥"], "store_ttl_floor", number)
        .when(measured)
        .only_if(shares_tags),
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
