//! `ScenarioFile`: a scenario as it is written. Mirrors the TOML and nothing else.
//!
//! Every key is optional, so that layers can be laid over one another; what a missing key means,
//! and whether a value makes sense, is decided in `resolve`. The comments here are what an
//! editor shows while a scenario is written.

mod arm;
mod control_plane;
mod fleet;
mod load;
mod schedule;

use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) use arm::ArmFile;
pub(crate) use control_plane::{ControlPlaneFile, GranularityKey, ModeKey};
pub(crate) use fleet::{FleetFile, InvalidateKey, StoreProtocolKey};
pub(crate) use load::{CadenceKey, IfRangeKey, LoadFile, OnErrorKey, ValidateKey};
pub(crate) use schedule::{ChangeFile, ChangeKindKey, EventFile, EventKindKey, RolloutKey};

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

/// What stands between clients and replicas.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct BalancerFile {
    /// How a replica is picked (`etag-lab list policies`); default: round-robin.
    pub policy: Option<String>,
    /// What the balancer does to responses on their way out (`etag-lab list edges`); default: none.
    pub edge: Option<String>,
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

/// Lays one table over another: a key of the upper one wins, and of keys that exclude each other
/// (`one_of`) all those below it are gone then. Destructuring keeps it complete.
macro_rules! over {
    ($table:ident { $($key:ident),+ $(,)? } $(one_of $($rival:ident),+)?) => {
        impl $table {
            pub(crate) fn over(self, below: Self) -> Self {
                $(
                    let replaced = $(self.$rival.is_some())||+;
                    let below = if replaced { Self { $($rival: None,)+ ..below } } else { below };
                )?
                let Self { $($key),+ } = self;
                Self { $($key: $key.or(below.$key)),+ }
            }
        }
    };
}

pub(crate) use over;

over!(ResourceFile {
    size_bytes,
    file,
    path,
    content_type,
    cache_control,
    codings,
    last_modified,
} one_of size_bytes, file);
over!(BalancerFile { policy, edge });

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
