//! Counts of polls that one exchange at a time decides: each is a field here, the lines that count and
//! add it below, and a number in `numbers`.
//!
//! Declared where it is recorded, because a tally counts in the very fields that the file has.

use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;
use crate::record::counts::add;

/// Polls of an arm, as far as each counts for itself.
// A field that comes later needs `#[serde(default)]`: records from before it are read, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollCounts {
    /// Requests with a validator.
    pub conditional: u64,
    /// Of these, answered 304.
    pub not_modified: u64,
}

impl PollCounts {
    /// Counts so many such polls.
    pub(crate) fn count(&mut self, exchange: &Exchange<'_>, times: u64) {
        let is_not_modified = exchange.verdict.is_not_modified();
        self.conditional += times * u64::from(exchange.conditional);
        self.not_modified += times * u64::from(exchange.conditional && is_not_modified);
    }

    /// Adds the counts of another shard.
    pub(crate) fn merge(&mut self, other: Self) {
        // Taken apart, so that a count that comes later cannot be forgotten here.
        let Self { conditional, not_modified } = other;
        add(&mut self.conditional, conditional);
        add(&mut self.not_modified, not_modified);
    }
}
