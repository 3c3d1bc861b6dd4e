//! Counters of a replica: reads of the resource, what they asked of the database, and what
//! the shared tags did for them.
//!
//! Decides nothing by these numbers.

use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::shared_tags::protocol::Miss;

/// The numbers at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaCounts {
    /// GET and HEAD requests for the resource that were answered.
    pub requests: u64,
    /// Those answered 304.
    pub not_modified: u64,
    /// Queries that the application sent to its database for all of them.
    pub queries: u64,
    /// Queries for those answered 304.
    pub queries_on_not_modified: u64,
    /// Requests answered from the shared tag alone.
    pub hits: u64,
    /// Requests that were not, by reason.
    pub misses: Misses,
    /// Questions that the store of shared tags did not answer.
    pub store_errors: u64,
}

/// Requests that were no hits, by reason, in GitLab's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misses {
    /// Without `If-None-Match`.
    pub header_missing: u64,
    /// With it, and the store had nothing for the path.
    pub key_not_found: u64,
    /// With it, and the store had another tag, or somebody's announcement of one.
    pub resource_changed: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Accounts {
    requests: AtomicU64,
    not_modified: AtomicU64,
    queries: AtomicU64,
    queries_on_not_modified: AtomicU64,
    hits: AtomicU64,
    misses: [AtomicU64; 3],
    store_errors: AtomicU64,
}

impl Accounts {
    /// A read was answered so, after so many queries.
    pub(crate) fn answered(&self, status: StatusCode, queries: u64) {
        add(&self.requests, 1);
        add(&self.queries, queries);
        if status == StatusCode::NOT_MODIFIED {
            add(&self.not_modified, 1);
            add(&self.queries_on_not_modified, queries);
        }
    }

    pub(crate) fn hit(&self) {
        add(&self.hits, 1);
    }

    pub(crate) fn missed(&self, miss: Miss) {
        add(&self.misses[miss as usize], 1);
    }

    pub(crate) fn store_failed(&self) {
        add(&self.store_errors, 1);
    }

    pub(crate) fn counts(&self) -> ReplicaCounts {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        ReplicaCounts {
            requests: read(&self.requests),
            not_modified: read(&self.not_modified),
            queries: read(&self.queries),
            queries_on_not_modified: read(&self.queries_on_not_modified),
            hits: read(&self.hits),
            misses: Misses {
                header_missing: read(&self.misses[Miss::HeaderMissing as usize]),
                key_not_found: read(&self.misses[Miss::KeyNotFound as usize]),
                resource_changed: read(&self.misses[Miss::ResourceChanged as usize]),
            },
            store_errors: read(&self.store_errors),
        }
    }
}

fn add(number: &AtomicU64, more: u64) {
    number.fetch_add(more, Ordering::Relaxed);
}
