//! Counters of a cache.

use std::sync::atomic::{AtomicU64, Ordering};

/// Answers of a cache, and what they cost the origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests answered from what was stored, without a word from the origin.
    pub hits: u64,
    /// Stale responses that the origin confirmed with a 304.
    pub revalidated: u64,
    /// Responses that the origin sent with their content.
    pub fetched: u64,
    /// Bytes that came from the origin, fields and content, answers to writes among them.
    pub bytes_from_origin: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) hits: AtomicU64,
    pub(crate) revalidated: AtomicU64,
    pub(crate) fetched: AtomicU64,
    pub(crate) bytes_from_origin: AtomicU64,
}

impl Counters {
    pub(crate) fn read(&self) -> Counts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            hits: of(&self.hits),
            revalidated: of(&self.revalidated),
            fetched: of(&self.fetched),
            bytes_from_origin: of(&self.bytes_from_origin),
        }
    }
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
