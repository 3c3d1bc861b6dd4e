//! Measurements behind the servers that clients poll, by their own counts: of a control plane with
//! the delay of its changes, and of the database and the tag store that replicas share.

use serde::{Deserialize, Serialize};

/// Degree to which proxies were rolled out, in the words of the scenario file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyModeRecord {
    /// There were none: clients polled the source.
    Off,
    /// They ran beside, and clients polled the source.
    Pre,
    /// Clients polled them.
    #[default]
    Exec,
}

/// The source of routes and its proxies during one arm.
///
/// Rates and times are those of the run, in which every interval passes `time_factor` times faster
/// than it was written; the rates without the factor are recorded beside them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ControlPlaneRecord {
    /// Kind of source: `file`, `shared-file`, `etcd` or a URL.
    pub source: String,
    /// Degree to which the proxies were rolled out.
    pub mode: ProxyModeRecord,
    /// Proxies that ran; in the mode `pre` no client used them.
    pub proxies: u32,
    /// Unit that one tag covers: `table` or `route`.
    pub granularity: String,
    /// Number of routes.
    pub routes: u32,
    /// Factor by which intervals were shortened.
    pub time_factor: f64,
    /// Time between two polls of the source by one proxy, in the run.
    pub source_interval_ms: f64,
    /// Time between two polls of one client, in the run; `null` where they did not wait.
    pub client_interval_ms: Option<f64>,
    /// Requests for routes that the source got, counted by the source; `null` where it cannot count,
    /// as a file that proxies read themselves cannot.
    pub source_requests: Option<u64>,
    /// The same for each second of the run.
    pub source_requests_per_s: Option<f64>,
    /// The same for each second without the time factor.
    pub source_requests_per_s_uncompressed: Option<f64>,
    /// CPU time, user and system, that the source's processes spent meanwhile; `null` where it was
    /// not to be had.
    pub source_cpu_s: Option<f64>,
    /// Content that the source sent, in bytes; `null` where the source does not count it.
    pub source_content_bytes: Option<u64>,
    /// Requests of the clients for each second of the run.
    pub client_requests_per_s: f64,
    /// The same for each second without the time factor.
    pub client_requests_per_s_uncompressed: f64,
    /// From a change in the source to the change in a client; `null` when no change reached any.
    pub freshness_us: Option<FreshnessRecord>,
    /// The latest that a change may be by the intervals alone, jitter included, when no process is
    /// ever late; `null` where clients did not wait, or something was killed.
    pub freshness_bound_us: Option<u64>,
    /// Clients that hold the last edition of the routes at the end.
    pub clients_up_to_date: u64,
    /// Tables that were received and are no edition of the routes: always 0 unless something is
    /// wrong.
    pub unknown_tables: u64,
    /// Number of times that a proxy was killed.
    pub proxy_kills: u64,
    /// Number of times that the source was killed.
    pub source_kills: u64,
    /// In the mode `pre`: routes that the proxies would serve otherwise than clients get them, at
    /// the end; `null` in other modes.
    pub differences: Option<u64>,
}

/// Delays between a change and its arrival, in microseconds of the run; a client counts once for
/// each change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FreshnessRecord {
    /// Arrivals.
    pub count: u64,
    /// Median.
    pub p50: u64,
    /// 90th percentile.
    pub p90: u64,
    /// 99th percentile.
    pub p99: u64,
    /// The latest.
    pub max: u64,
}

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
