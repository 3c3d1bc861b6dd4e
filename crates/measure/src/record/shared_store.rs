//! Queries that the replicas made to the database and the tag store that they share, by their own count.

use serde::{Deserialize, Serialize};

/// Queries and look-ups of all replicas of one arm together, those included that were killed and
/// could still be asked; [`Default`] is a store without queries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SharedStoreRecord {
    /// True when the application reads its resource from a database; without one there are no
    /// queries.
    pub database: bool,
    /// Whose store keeps the tags: `sqlite`, `redis`, or a URL without its password; `null` where
    /// the arm's tags are not shared, and only the database is counted.
    pub store: Option<String>,
    /// `as-published` or `hardened`; `null` likewise.
    pub protocol: Option<String>,
    /// Time at which a change replaces a tag: `after-commit`, `before-commit` or `never`; `null`
    /// likewise.
    pub invalidate: Option<String>,
    /// Lifetime of a tag after it was written, in milliseconds; `null` for ever.
    pub ttl_ms: Option<f64>,
    /// Needless 200s, at least, that this lifetime alone costs clients which poll when they are
    /// due: one for each client and lifetime. `null` without a lifetime, or without a clock.
    pub ttl_floor: Option<u64>,
    /// SQL queries of the application, for requests only.
    pub queries: u64,
    /// The same for each 1,000 polls; `null` without a poll or a database.
    pub queries_per_1000_polls: Option<f64>,
    /// Of [`Self::queries`], those for requests that were answered 304.
    pub queries_on_not_modified: u64,
    /// Requests whose tag was the one in the store: a 304 without the application.
    pub hits: u64,
    /// Requests that the application answered, by why.
    pub misses: MissesRecord,
    /// Look-ups and writes that the store did not answer.
    pub store_errors: u64,
}

/// Requests that were no hit, by GitLab's reasons, each request counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MissesRecord {
    /// The request had no `If-None-Match`.
    pub header_missing: u64,
    /// The store had nothing for the path.
    pub key_not_found: u64,
    /// The store had another tag, or a change was under way.
    pub resource_changed: u64,
}
