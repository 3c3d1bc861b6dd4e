//! The keys of `[fleet]`: replicas, what they share, and what they tell their clients.

use schemars::JsonSchema;
use serde::Deserialize;

use super::over;

/// The replicas.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct FleetFile {
    /// Number of replicas; default: 3.
    #[schemars(range(min = 1, max = 512))]
    pub replicas: Option<i64>,
    /// Changes each replica saw before the run, one number for each; default: 41, 18, 2, …
    #[schemars(inner(range(min = 0, max = 1_000_000_000)))]
    pub histories: Option<Vec<i64>>,
    /// Your own program as the replica; it is given PORT, REPLICA and REPLICAS.
    pub command: Option<String>,
    /// How much later than its predecessor each replica got its copy; default: "7s".
    pub deploy_drift: Option<String>,
    /// Whether replicas read the resource from a database that they share (`SQLite`), once for each
    /// request that they render, and count the queries; default: false, a copy for each replica.
    pub database: Option<bool>,
    /// Where replicas keep the tags that they share: "sqlite" (a file of the run), "redis" (one
    /// that the run starts for itself) or "redis://HOST:PORT"; default: sqlite.
    pub store: Option<String>,
    /// How long a shared tag lives after it was written; default: for ever.
    pub store_ttl: Option<String>,
    /// How long the mark of a writer stands that has announced itself; default: "5s".
    pub store_lease: Option<String>,
    /// In which order readers and writers speak to the store of tags; default: hardened.
    pub store_protocol: Option<StoreProtocolKey>,
    /// When a change makes a shared tag another one; default: after-commit.
    pub invalidate: Option<InvalidateKey>,
    /// What the replicas say in Poll-Interval: a time, or "stop"; default: they say nothing.
    pub poll_interval: Option<String>,
}

/// In which order readers and writers speak to the store of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StoreProtocolKey {
    /// GitLab's, with its races.
    AsPublished,
    /// The same without them.
    Hardened,
}

/// When a change makes a shared tag another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InvalidateKey {
    /// When the new content is committed.
    AfterCommit,
    /// Before it is: who asks in between gets old content under the new tag.
    BeforeCommit,
    /// Never: the writer dies, or the line is missing.
    Never,
}

over!(FleetFile {
    replicas,
    histories,
    command,
    deploy_drift,
    database,
    store,
    store_ttl,
    store_lease,
    store_protocol,
    invalidate,
    poll_interval,
});
