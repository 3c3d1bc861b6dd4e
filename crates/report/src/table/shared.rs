//! Words for the settings of arms that keep their tags in a store.
//!
//! An arm without a store has tags of its own, which never expire.

use measure::record::{ArmRecord, SharedStoreRecord};

use crate::metrics::sharing;
use crate::quantity::interval;

/// `hardened`, `as-published`, or `own`.
pub(crate) fn protocol(arm: &ArmRecord) -> String {
    of(arm, "own", |shared| shared.protocol.clone())
}

/// `for 100 ms`, or `for ever`.
pub(crate) fn lifetime(arm: &ArmRecord) -> String {
    of(arm, "for ever", |shared| Some(format!("for {}", interval(shared.ttl_ms?))))
}

/// `after commit`, `before commit` or `never`.
pub(super) fn invalidated(arm: &ArmRecord) -> String {
    of(arm, "after commit", |shared| Some(shared.invalidate.as_ref()?.replace('-', " ")))
}

fn of(
    arm: &ArmRecord,
    otherwise: &str,
    value: impl FnOnce(&SharedStoreRecord) -> Option<String>,
) -> String {
    sharing(arm).and_then(value).unwrap_or_else(|| otherwise.to_owned())
}
