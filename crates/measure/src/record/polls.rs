//! Counts of polls that one exchange at a time decides: each is a field here, the line that counts it
//! below, and a number in `numbers`.
//!
//! Declared where it is recorded, because a tally counts in the very fields that the file has.

use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;

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
}
