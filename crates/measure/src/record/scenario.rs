//! The scenario of a run after defaults and flags.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::events::{ChangeRecord, EventRecord};

/// The scenario after defaults and flags; values that an arm overrides stand in the arm too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScenarioRecord {
    /// Name of the scenario; the URL for `poll`.
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// Numbers that the run is about, by their names in CSV files, the most important first; left
    /// out where there are none, as in old records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headline: Vec<String>,
    /// Lesson of the run, in one sentence; left out where there is none, or where the command line
    /// gave the arms something else to show.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub lesson: String,
    /// True if the command line changed what the summary describes; left out if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changed: bool,
    /// Seed of every random choice.
    pub seed: u64,
    /// Replicas in the fleet; 0 when the fleet is not ours (`poll`).
    pub replicas: u32,
    /// Polls each client makes; a fraction when a total was given instead.
    pub polls_per_client: f64,
    /// Polls of all clients together.
    pub polls: u64,
    /// Setup that arms share unless they differ on purpose.
    // Flat, as it is in each arm, so that the same path finds it in both places.
    #[serde(flatten)]
    pub setup: SetupRecord,
    /// Time between two polls of one client: real in an open loop, else on the clients' own clock
    /// where they honour freshness or obey `Poll-Interval`.
    pub interval_ms: Option<f64>,
    /// Open loop: share of the interval by which a poll may be early or late, `0.0..=1.0`.
    pub jitter: Option<f64>,
    /// Time limit of one poll.
    pub timeout_ms: f64,
    /// Size of the content; `null` when it is not ours.
    pub resource_bytes: Option<u64>,
    /// Path of the resource; `null` when it is part of the polled URL.
    pub resource_path: Option<String>,
    /// Paths of further resources on the same server; clients take turns, the first one with the
    /// resource above.
    #[serde(default)]
    pub further_paths: Vec<String>,
    /// Cache-Control of the resource; `null` when none is sent.
    pub cache_control: Option<String>,
    /// Content codings that the replicas offer, the preferred one first; empty when they are not
    /// ours.
    #[serde(default)]
    pub codings: Vec<String>,
    /// True if the replicas send `Last-Modified`; `null` when they are not ours, and in records
    /// from before they could.
    #[serde(default)]
    pub last_modified: Option<bool>,
    /// True if clients verified the certificate of the server, false under `--insecure`; left out
    /// without TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_verified: Option<bool>,
    /// Most polls in flight on one connection over HTTP/2; left out over HTTP/1.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http2_streams: Option<u32>,
    /// Program that was started as replica; `null` for the lab's own.
    pub replica_command: Option<String>,
    /// Changes each replica had seen before the run.
    pub histories: Vec<u64>,
    /// Time by which each replica got its copy later than its predecessor.
    pub deploy_drift_ms: u64,
    /// Content changes during the run.
    pub changes: Vec<ChangeRecord>,
    /// Replica events during the run.
    pub events: Vec<EventRecord>,
}

/// Balancer and load of a run or of one of its arms, in the words of the scenario file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SetupRecord {
    /// Balancing policy; `-` when the balancer is not ours.
    pub policy: String,
    /// Edge behaviour of the balancer at the start; `none` passes responses on as they are. Empty
    /// in old files.
    #[serde(default)]
    pub edge: String,
    /// Shared cache before the balancer; left out where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cache_kind: String,
    /// `Accept-Encoding` of the clients, in turn; empty when they send none.
    #[serde(default)]
    pub accept_encoding: Vec<String>,
    /// Logical clients.
    pub clients: u32,
    /// Load shape: `lockstep`, `shuffled` or `open-loop`.
    pub cadence: String,
    /// Connections the clients share.
    pub connections: u32,
    /// Handling of stored responses by the clients.
    #[serde(default)]
    pub caching: CachingRecord,
    /// Further keys that were given, with their values, by their names in the scenario file.
    // Left out where there are none, so that the records of runs without them stay as they were.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
}

/// Handling of stored responses, and of those that clients have in part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CachingRecord {
    /// Validators sent back: `etag`, `last-modified` or `both`.
    pub validate: String,
    /// True if fresh responses were used without a request.
    pub honour_freshness: bool,
    /// Share of the content after which each download was cut; `null` when none was.
    pub interrupt_at: Option<f64>,
    /// Tags with which cut downloads were resumed: `any` or `strong-only`.
    pub if_range: String,
    /// Fate of stored responses when a poll failed: `keep` or `drop`; `null`
    /// where nobody asked, and then they kept it.
    pub on_error: Option<OnErrorRecord>,
    /// True if clients polled no sooner than `Poll-Interval` allowed.
    pub obey_poll_interval: bool,
}

/// Fate of stored content when a poll fails: no connection, a response that is cut, malformed or
/// late, or a status other than 200 and 304.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnErrorRecord {
    /// Keeps the last known good content, and revalidates it with the next poll.
    #[default]
    Keep,
    /// Drops content and validators: the naive client, which then has nothing to work with.
    Drop,
}

impl OnErrorRecord {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Keep, Self::Drop];

    /// As it is written in a scenario and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Drop => "drop",
        }
    }
}

/// Handling from before clients could do anything else.
impl Default for CachingRecord {
    fn default() -> Self {
        Self {
            validate: "etag".to_owned(),
            honour_freshness: false,
            interrupt_at: None,
            if_range: "any".to_owned(),
            on_error: None,
            obey_poll_interval: false,
        }
    }
}
