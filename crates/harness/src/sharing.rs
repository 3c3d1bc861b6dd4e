//! The record of what the replicas of an arm share: their queries, hits and misses.

use measure::record::{ArmRecord, MissesRecord, SharedStoreRecord};
use origin::{Misses, ReplicaCounts};

use scenario::{Arm, Cadence, Setup, shares_tags};

/// The counts of all replicas of `arm` together.
pub(crate) fn record(arm: &Arm, measured: &ArmRecord, counts: ReplicaCounts) -> SharedStoreRecord {
    let sharing = &arm.setup.sharing;
    let each_1000 = |queries: u64| 1_000.0 * queries as f64 / measured.polls as f64;
    let has_queries = sharing.database && measured.polls > 0;
    let Misses { header_missing, key_not_found, resource_changed } = counts.misses;
    let mut record = SharedStoreRecord {
        database: sharing.database,
        queries: counts.queries,
        queries_per_1000_polls: has_queries.then(|| each_1000(counts.queries)),
        queries_on_not_modified: counts.queries_on_not_modified,
        hits: counts.hits,
        misses: MissesRecord { header_missing, key_not_found, resource_changed },
        store_errors: counts.store_errors,
        ..SharedStoreRecord::default()
    };
    if shares_tags(arm) {
        record.store = Some(sharing.store.shown());
        record.protocol = Some(sharing.protocol.name().to_owned());
        record.invalidate = Some(sharing.invalidate.name().to_owned());
        record.ttl_ms = sharing.ttl.map(|ttl| ttl.as_secs_f64() * 1_000.0);
        record.ttl_floor = ttl_floor(&arm.setup);
    }
    record
}

/// Needless 200s that a lifetime alone costs, if polls come when they are due.
///
/// A tag lives for `ttl`, then is missing until the next poll of anybody creates another: at most
/// one interval later. So in the time from a client's first poll to its last there are at least
/// `time / (ttl + interval)` new tags, and each of them costs each client one 200.
fn ttl_floor(setup: &Setup) -> Option<u64> {
    let (ttl, Cadence::OpenLoop { interval, jitter }) = (setup.sharing.ttl?, setup.cadence) else {
        return None;
    };
    // A poll may be that much too early, and another as much too late.
    let time = interval.as_secs_f64() * (setup.full_rounds() as f64 - 1.0 - 2.0 * jitter);
    let tags = (time / (ttl + interval).as_secs_f64()).floor().max(0.0) as u64;
    Some(tags * u64::from(setup.clients.get()))
}
