//! `ScenarioFile`: a scenario as it is written. Mirrors the TOML and nothing else.
//!
//! Every key is optional, so that layers can be laid over one another; what a missing key means,
//! and whether a value makes sense, is decided in `resolve`. The comments here are what an
//! editor shows while a scenario is written.

mod control_plane;

use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) use control_plane::{ControlPlaneFile, GranularityKey, ModeKey};

/// A scenario of etag-lab: a fleet of replicas, a load, and what differs between the arms.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
#[schemars(title = "etag-lab scenario")]
pub struct ScenarioFile {
    /// Name of the scenario; default: the name of the file.
    pub name: Option<String>,
    /// What it shows, in one sentence.
    pub summary: Option<String>,
    /// Where the case comes from.
    pub source: Option<String>,
    /// What every replica serves.
    pub resource: Option<ResourceFile>,
    /// The replicas.
    pub fleet: Option<FleetFile>,
    /// A source of routes and its proxies, in the place of replicas.
    pub control_plane: Option<ControlPlaneFile>,
    /// What stands between clients and replicas.
    pub balancer: Option<BalancerFile>,
    /// The clients.
    pub load: Option<LoadFile>,
    /// Content changes during the run.
    pub change: Option<Vec<ChangeFile>>,
    /// What happens to replicas during the run.
    pub event: Option<Vec<EventFile>>,
    /// What is compared: the same load against each arm; at least one.
    pub arm: Option<Vec<ArmFile>>,
    /// What the run must show.
    pub expect: Option<Vec<ExpectFile>>,
}

/// What every replica serves.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ResourceFile {
    /// Size of generated content in bytes; default: 8192. Not together with `file`.
    #[schemars(range(min = 1, max = 67_108_864))]
    pub size_bytes: Option<i64>,
    /// Serve this file instead; relative to the scenario file. Not together with `size-bytes`.
    pub file: Option<String>,
    /// Path that the clients poll, with its query if it has one; default: /api/config.
    pub path: Option<String>,
    /// Content-Type; default: application/json.
    pub content_type: Option<String>,
    /// Cache-Control; default: no-cache, which means "revalidate always". Empty sends none.
    pub cache_control: Option<String>,
    /// Content codings that replicas of the lab offer, the preferred one first; default: none.
    #[schemars(extend("uniqueItems" = true))]
    pub codings: Option<Vec<CodingKey>>,
    /// Whether replicas of the lab send Last-Modified and heed dates in conditions; default: true.
    pub last_modified: Option<bool>,
}

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CodingKey {
    /// RFC 1952.
    Gzip,
    /// Brotli, RFC 7932.
    Br,
    /// Zstandard, RFC 8878.
    Zstd,
}

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

/// What stands between clients and replicas.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct BalancerFile {
    /// How a replica is picked (`etag-lab list policies`); default: round-robin.
    pub policy: Option<String>,
    /// What the balancer does to responses on their way out (`etag-lab list edges`); default: none.
    pub edge: Option<String>,
}

/// The clients.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LoadFile {
    /// Number of clients, each with its own stored response; default: 10.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub clients: Option<i64>,
    /// Polls of each client; default: 50. Not together with `total-polls`.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub polls: Option<i64>,
    /// Polls of all clients together. Not together with `polls`.
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub total_polls: Option<i64>,
    /// Load shape; default: lockstep.
    pub cadence: Option<CadenceKey>,
    /// Time between two polls of one client; default: "1s". Real in an open loop; else only where
    /// clients honour freshness or obey Poll-Interval, and then it is their own virtual clock that
    /// goes on by one interval per round: nothing waits, so that a run repeats to the byte.
    pub interval: Option<String>,
    /// Open loop only: share of the interval by which a poll may be early or late; default: 0.1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub jitter: Option<f64>,
    /// Seed of every random choice; default: 42.
    pub seed: Option<u64>,
    /// Connections the clients share; default: one for each client, at most 64.
    #[schemars(range(min = 1, max = 10_000))]
    pub connections: Option<i64>,
    /// Time limit of one poll; default: "5s".
    pub timeout: Option<String>,
    /// Accept-Encoding: the first client sends the first entry, the next one the second, and so on
    /// in turn; "identity" alone, or "", sends none. Default: nobody sends any.
    pub accept_encoding: Option<Vec<String>>,
    /// The validators that clients send back; default: etag.
    pub validate: Option<ValidateKey>,
    /// Whether clients use a stored response without asking while it is fresh (max-age, Expires,
    /// Age, no-cache) and keep none with no-store; default: false, which ignores Cache-Control.
    pub honour_freshness: Option<bool>,
    /// Share of the content after which each client hangs up in every download, to resume it with
    /// Range and If-Range; default: downloads are not interrupted.
    #[schemars(range(min = 0.001, max = 0.999))]
    pub interrupt_at: Option<f64>,
    /// With which tags interrupted downloads are resumed; default: any.
    pub if_range: Option<IfRangeKey>,
    /// What clients do with what they have stored when a poll fails; default: keep. Whoever writes
    /// it is also told what became of it.
    pub on_error: Option<OnErrorKey>,
    /// Whether clients poll no sooner than Poll-Interval (milliseconds) allows, and not at all after
    /// -1; default: false, which ignores it.
    pub obey_poll_interval: Option<bool>,
}

/// The validators that clients send back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValidateKey {
    /// The entity tag, as If-None-Match.
    Etag,
    /// Last-Modified, as If-Modified-Since.
    LastModified,
    /// Both, as far as the response had them; a server then reads the tag alone.
    Both,
}

/// With which tags interrupted downloads are resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IfRangeKey {
    /// Any tag, weak ones too: a client that does not know that it must not (RFC 9110 §13.1.5).
    Any,
    /// Strong tags only; without one the download starts again, without a range.
    StrongOnly,
}

/// What clients do with what they have stored when a poll fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnErrorKey {
    /// They go on with the last known good content.
    Keep,
    /// They forget content and validators: the naive client.
    Drop,
}

/// Load shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CadenceKey {
    /// Clients poll in turn, one poll in flight: reproducible to the byte.
    Lockstep,
    /// Clients poll in a seeded random order, as fast as answers come.
    Shuffled,
    /// Every client polls once per interval, whether or not answers come.
    OpenLoop,
}

/// A content change.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ChangeFile {
    /// Happens before this poll of each client, counted from 1.
    #[schemars(range(min = 2))]
    pub at_poll: Option<i64>,
    /// To what; default: edit.
    pub kind: Option<ChangeKindKey>,
    /// How it reaches the replicas; default: at-once.
    pub rollout: Option<RolloutKey>,
    /// Rolling only: polls of each client between one replica and the next; default: 1.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub lag: Option<i64>,
    /// As in `[fleet]`, for this change.
    pub invalidate: Option<InvalidateKey>,
    /// Where tags are shared: polls of each client between the commit and the new tag, whichever
    /// comes first; default: 0.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub window: Option<i64>,
}

/// To what the content changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKindKey {
    /// Content never seen before.
    Edit,
    /// Back to the content before the last change.
    Revert,
    /// An edit whose files are dated in the same second as those before it.
    SameSecond,
}

/// How a change reaches the replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RolloutKey {
    /// All replicas between two polls.
    AtOnce,
    /// One replica after the other, so that old and new are served at the same time.
    Rolling,
}

/// Something that happens to replicas, to what they share, or to the balancer's edge.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct EventFile {
    /// Happens before this poll of each client, counted from 1; only a creation can be held from the
    /// first one on.
    #[schemars(range(min = 1))]
    pub at_poll: Option<i64>,
    /// What happens.
    pub kind: Option<EventKindKey>,
    /// To which replica, counted from 1; default: to all. Not for clients that reconnect.
    #[schemars(range(min = 1, max = 512))]
    pub replica: Option<i64>,
    /// `kind = "edge"` only: the new edge.
    pub edge: Option<String>,
    /// `kind = "pace"` only: what replicas say in Poll-Interval from now on, a time or "stop";
    /// default: nothing.
    pub poll_interval: Option<String>,
    /// In this arm alone; default: in all. Not for what happens to replicas.
    pub arm: Option<String>,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EventKindKey {
    /// Killed, and it stays away.
    Kill,
    /// Killed and started again.
    Restart,
    /// With a control plane: its source is killed, and stays away.
    SourceDown,
    /// With a control plane: its source is started again.
    SourceUp,
    /// All clients drop their connections and open new ones for their next polls.
    Reconnect,
    /// Another edge takes the place of the balancer's.
    Edge,
    /// The store of shared tags is killed.
    StoreDown,
    /// It comes back, empty.
    StoreUp,
    /// Replicas ask clients to poll at another pace, or to stop.
    Pace,
    /// Clients that were told to stop are told to begin again.
    Resume,
    /// The next request that is about to create a shared tag waits on every replica until there is
    /// one on each; then all go on together.
    HoldCreation,
}

/// One arm of the comparison; what it does not say, it shares with the others.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ArmFile {
    /// Name: letters, digits, `-` and `_`.
    pub name: Option<String>,
    /// How entity tags are made (`etag-lab list strategies`). Not together with `command`.
    pub strategy: Option<String>,
    /// Your own program as the replica. Not together with `strategy`.
    pub command: Option<String>,
    /// As in `[fleet]`, for this arm.
    #[schemars(range(min = 1, max = 512))]
    pub replicas: Option<i64>,
    /// As in `[fleet]`, for this arm.
    #[schemars(inner(range(min = 0, max = 1_000_000_000)))]
    pub histories: Option<Vec<i64>>,
    /// As in `[fleet]`, for this arm.
    pub deploy_drift: Option<String>,
    /// As in `[fleet]`, for this arm.
    pub database: Option<bool>,
    /// As in `[fleet]`, for this arm.
    pub store_ttl: Option<String>,
    /// As in `[fleet]`, for this arm.
    pub store_protocol: Option<StoreProtocolKey>,
    /// As in `[fleet]`, for this arm.
    pub invalidate: Option<InvalidateKey>,
    /// As in `[fleet]`, for this arm.
    pub poll_interval: Option<String>,
    /// As in `[balancer]`, for this arm.
    pub policy: Option<String>,
    /// As in `[balancer]`, for this arm.
    pub edge: Option<String>,
    /// As in `[load]`, for this arm.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub clients: Option<i64>,
    /// As in `[load]`, for this arm.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub polls: Option<i64>,
    /// As in `[load]`, for this arm.
    pub cadence: Option<CadenceKey>,
    /// As in `[load]`, for this arm.
    #[schemars(range(min = 1, max = 10_000))]
    pub connections: Option<i64>,
    /// As in `[load]`, for this arm.
    pub accept_encoding: Option<Vec<String>>,
    /// As in `[load]`, for this arm.
    pub validate: Option<ValidateKey>,
    /// As in `[load]`, for this arm.
    pub honour_freshness: Option<bool>,
    /// As in `[load]`, for this arm.
    #[schemars(range(min = 0.001, max = 0.999))]
    pub interrupt_at: Option<f64>,
    /// As in `[load]`, for this arm.
    pub if_range: Option<IfRangeKey>,
    /// As in `[control-plane]`, for this arm.
    pub control_plane: Option<ControlPlaneFile>,
    /// As in `[load]`, for this arm.
    pub on_error: Option<OnErrorKey>,
    /// As in `[load]`, for this arm.
    pub obey_poll_interval: Option<bool>,
}

/// Something the run must show.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct ExpectFile {
    /// Name of the arm; not needed where `that` names it: `after.polls == 500`.
    pub arm: Option<String>,
    /// `PATH OP VALUE`, joined by `and`: `not_modified_ratio > 97 % and errors == 0`.
    pub that: Option<String>,
}

/// Lays one table over another: a key of the upper one wins. Destructuring keeps it complete.
macro_rules! over {
    ($table:ident { $($key:ident),+ $(,)? }) => {
        impl $table {
            pub(crate) fn over(self, below: Self) -> Self {
                let Self { $($key),+ } = self;
                Self { $($key: $key.or(below.$key)),+ }
            }
        }
    };
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
over!(BalancerFile { policy, edge });

impl ResourceFile {
    fn over(self, below: Self) -> Self {
        // Of two keys that exclude each other, the upper layer's is meant.
        let replaced = self.size_bytes.is_some() || self.file.is_some();
        let below = if replaced { Self { size_bytes: None, file: None, ..below } } else { below };
        let Self { size_bytes, file, path, content_type, cache_control, codings, last_modified } =
            self;
        Self {
            size_bytes: size_bytes.or(below.size_bytes),
            file: file.or(below.file),
            path: path.or(below.path),
            content_type: content_type.or(below.content_type),
            cache_control: cache_control.or(below.cache_control),
            codings: codings.or(below.codings),
            last_modified: last_modified.or(below.last_modified),
        }
    }
}

impl LoadFile {
    fn over(self, below: Self) -> Self {
        let replaced = self.polls.is_some() || self.total_polls.is_some();
        let below = if replaced { Self { polls: None, total_polls: None, ..below } } else { below };
        let Self {
            clients,
            polls,
            total_polls,
            cadence,
            interval,
            jitter,
            seed,
            connections,
            timeout,
            validate,
            honour_freshness,
            interrupt_at,
            if_range,
            on_error,
            obey_poll_interval,
            accept_encoding,
        } = self;
        Self {
            clients: clients.or(below.clients),
            polls: polls.or(below.polls),
            total_polls: total_polls.or(below.total_polls),
            cadence: cadence.or(below.cadence),
            interval: interval.or(below.interval),
            jitter: jitter.or(below.jitter),
            seed: seed.or(below.seed),
            connections: connections.or(below.connections),
            timeout: timeout.or(below.timeout),
            validate: validate.or(below.validate),
            honour_freshness: honour_freshness.or(below.honour_freshness),
            interrupt_at: interrupt_at.or(below.interrupt_at),
            if_range: if_range.or(below.if_range),
            on_error: on_error.or(below.on_error),
            obey_poll_interval: obey_poll_interval.or(below.obey_poll_interval),
            accept_encoding: accept_encoding.or(below.accept_encoding),
        }
    }
}

impl ScenarioFile {
    /// Lays this file over `below`: tables key by key, lists as a whole.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        let Self {
            name,
            summary,
            source,
            resource,
            fleet,
            control_plane,
            balancer,
            load,
            change,
            event,
            arm,
            expect,
        } = self;
        Self {
            name: name.or(below.name),
            summary: summary.or(below.summary),
            source: source.or(below.source),
            resource: both(resource, below.resource, ResourceFile::over),
            fleet: both(fleet, below.fleet, FleetFile::over),
            control_plane: both(control_plane, below.control_plane, ControlPlaneFile::over),
            balancer: both(balancer, below.balancer, BalancerFile::over),
            load: both(load, below.load, LoadFile::over),
            change: change.or(below.change),
            event: event.or(below.event),
            arm: arm.or(below.arm),
            expect: expect.or(below.expect),
        }
    }
}

fn both<T>(upper: Option<T>, below: Option<T>, over: impl FnOnce(T, T) -> T) -> Option<T> {
    match (upper, below) {
        (Some(upper), Some(below)) => Some(over(upper, below)),
        (upper, below) => upper.or(below),
    }
}
