//! `RunRecord`: a run as users' scripts read it (JSON, schema `etag-lab.run/1`).
//!
//! Mirrors the file and nothing else. Fields are added, never renamed or removed, within a schema
//! version. Ratios are `0.0..=1.0`; `null` means that there was nothing to divide by.

use serde::{Deserialize, Serialize};

/// Value of [`RunRecord::schema`].
pub const SCHEMA: &str = "etag-lab.run/1";

/// One run: what was asked, what was measured, what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// What measured.
    pub tool: ToolRecord,
    /// The command line that reproduces the run.
    pub command: String,
    /// Start of the run, RFC 3339 in UTC.
    pub started: String,
    /// The resolved scenario.
    pub scenario: ScenarioRecord,
    /// Where it ran.
    pub machine: MachineRecord,
    /// The run was interrupted: what is here was measured, but it is not all that was asked.
    pub partial: bool,
    /// In the order of the scenario; at least one.
    pub arms: Vec<ArmRecord>,
    /// First arm against last; `null` with fewer than two arms.
    pub comparison: Option<ComparisonRecord>,
    /// What the run shows, worst first.
    pub findings: Vec<FindingRecord>,
    /// What the scenario and `--fail-if` asserted.
    pub expectations: Vec<ExpectationRecord>,
}

/// The program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolRecord {
    /// Semantic version.
    pub version: String,
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MachineRecord {
    /// Processors available to the run.
    pub cpus: usize,
    /// Operating system and architecture, such as `linux x86_64`.
    pub os: String,
}

/// The scenario after defaults and flags; values that an arm overrides stand in the arm too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioRecord {
    /// Name of the scenario; the URL for `poll`.
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// Seed of every random choice.
    pub seed: u64,
    /// Replicas in the fleet; 0 when the fleet is not ours (`poll`).
    pub replicas: u32,
    /// Logical clients.
    pub clients: u32,
    /// Polls each client makes; a fraction when a total was given instead.
    pub polls_per_client: f64,
    /// Polls of all clients together.
    pub polls: u64,
    /// Balancing policy; `-` when the balancer is not ours.
    pub policy: String,
    /// Edge behaviour of the balancer; `none` passes responses on as they are.
    pub edge: String,
    /// `Accept-Encoding` of the clients, in turn; empty when they send none.
    #[serde(default)]
    pub accept_encoding: Vec<String>,
    /// Load shape: `lockstep`, `shuffled` or `open-loop`.
    pub cadence: String,
    /// Connections the clients share.
    pub connections: u32,
    /// Time between two polls of one client: real in an open loop, else on the clients' own clock
    /// where they honour freshness.
    pub interval_ms: Option<f64>,
    /// Open loop: share of the interval by which a poll may be early or late, `0.0..=1.0`.
    pub jitter: Option<f64>,
    /// Time limit of one poll.
    pub timeout_ms: f64,
    /// Size of the content; `null` when it is not ours.
    pub resource_bytes: Option<u64>,
    /// Path of the resource; `null` when it is part of the polled URL.
    pub resource_path: Option<String>,
    /// Cache-Control of the resource; `null` when none is sent.
    pub cache_control: Option<String>,
    /// Content codings that the replicas offer, the preferred one first; empty when they are not
    /// ours.
    #[serde(default)]
    pub codings: Vec<String>,
    /// Whether the replicas send `Last-Modified`; `null` when they are not ours, and in records
    /// from before they could.
    #[serde(default)]
    pub last_modified: Option<bool>,
    /// Program that was started as replica; `null` for the lab's own.
    pub replica_command: Option<String>,
    /// Changes each replica had seen before the run.
    pub histories: Vec<u64>,
    /// How much later than its predecessor each replica got its copy.
    pub deploy_drift_ms: u64,
    /// Content changes during the run.
    pub changes: Vec<ChangeRecord>,
    /// Replica events during the run.
    pub events: Vec<EventRecord>,
    /// What clients do with what they have stored.
    #[serde(default)]
    pub caching: CachingRecord,
}

/// What clients do with a stored response, and with one that they have in part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CachingRecord {
    /// Validators sent back: `etag`, `last-modified` or `both`.
    pub validate: String,
    /// Whether fresh responses were used without a request.
    pub honour_freshness: bool,
    /// Share of the content after which each download was cut; `null` when none was.
    pub interrupt_at: Option<f64>,
    /// With which tags cut downloads were resumed: `any` or `strong-only`.
    pub if_range: String,
}

/// What clients did before they could do anything else.
impl Default for CachingRecord {
    fn default() -> Self {
        Self {
            validate: "etag".to_owned(),
            honour_freshness: false,
            interrupt_at: None,
            if_range: "any".to_owned(),
        }
    }
}

/// One content change of the scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// Happens before this poll of each client, counted from 1.
    pub at_poll: u32,
    /// `edit`, `revert` or `same-second`.
    pub kind: String,
    /// Polls of each client between one replica and the next; 0 is all at once.
    pub lag: u32,
}

/// One replica event of the scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Happens before this poll of each client, counted from 1.
    pub at_poll: u32,
    /// `kill`, `restart` or `reconnect`; `edge` where the balancer's edge is replaced.
    pub kind: String,
    /// Which replica; `null` is every one, or none where clients reconnect.
    pub replica: Option<u32>,
    /// The new edge.
    #[serde(default)]
    pub edge: Option<String>,
    /// The arm in which it happens; `null` is every one.
    #[serde(default)]
    pub arm: Option<String>,
}

/// One arm of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmRecord {
    /// Name in the scenario: `before`, `after`, …
    pub name: String,
    /// Tag strategy; `replica command` or `-` when the tags are not ours.
    pub strategy: String,
    /// Size of the fleet in this arm; 0 when the fleet is not ours (`poll`).
    pub fleet_size: u32,
    /// Balancing policy in this arm.
    pub policy: String,
    /// Edge behaviour of the balancer when this arm begins; empty in old files.
    #[serde(default)]
    pub edge: String,
    /// `Accept-Encoding` of the clients of this arm.
    #[serde(default)]
    pub accept_encoding: Vec<String>,
    /// Logical clients in this arm.
    pub clients: u32,
    /// Load shape in this arm.
    pub cadence: String,
    /// Connections in this arm.
    pub connections: u32,
    /// Polls made.
    pub polls: u64,
    /// Of these, requests with a validator.
    pub conditional: u64,
    /// Of these, answered 304.
    pub not_modified: u64,
    /// Every poll by what it meant.
    pub verdicts: VerdictsRecord,
    /// `not_modified / conditional`.
    pub not_modified_ratio: Option<f64>,
    /// `not_modified / polls`.
    pub not_modified_ratio_of_all: Option<f64>,
    /// What arithmetic says the ratio should be; exact in lock-step, else the expectation.
    pub predicted_not_modified_ratio: Option<f64>,
    /// Where chance plays: the range that holds the ratio in 99.9 of 100 runs.
    pub predicted_interval: Option<[f64; 2]>,
    /// Bytes on the clients' sockets.
    pub bytes: BytesRecord,
    /// Of complete responses; `null` when there was none.
    pub latency_us: Option<LatencyRecord>,
    /// Of 200s alone.
    pub latency_200_us: Option<LatencyRecord>,
    /// Of 304s alone.
    pub latency_304_us: Option<LatencyRecord>,
    /// From the first poll to the last byte.
    pub elapsed_s: f64,
    /// Most tags carried by one and the same content.
    pub tags_for_same_content: usize,
    /// Most contents behind one and the same tag.
    pub contents_for_same_tag: usize,
    /// Most contents of one and the same edition: more than 1 where replicas make content of
    /// their own; 0 when nobody numbers the editions.
    #[serde(default)]
    pub contents_for_same_edition: usize,
    /// CPU time, user and system, that the replicas' processes spent on the polls, by the
    /// operating system's accounting, to its clock tick (10 ms) for each process; `null` where
    /// it was not to be had, and for programs of the user's.
    #[serde(default)]
    pub origin_cpu_s: Option<f64>,
    /// The same for each poll, in microseconds.
    #[serde(default)]
    pub origin_cpu_us_per_poll: Option<f64>,
    /// Content that 304s did not send, in bytes, for each second of `origin_cpu_s`.
    #[serde(default)]
    pub bytes_saved_per_cpu_second: Option<f64>,
    /// Most codings in which one content came under one strong tag; more than 1 is a trap.
    #[serde(default)]
    pub codings_for_same_strong_tag: usize,
    /// In which forms content came; `identity` first.
    #[serde(default)]
    pub codings: Vec<CodingRecord>,
    /// Who answered, as far as it was declared.
    pub replicas: Vec<ReplicaRecord>,
    /// The course of the arm, poll round by poll round.
    #[serde(default)]
    pub rounds: RoundsRecord,
    /// How each change reached the clients.
    pub changes_seen: Vec<ChangeSeenRecord>,
    /// Errors by reason, most frequent first.
    pub errors: Vec<ErrorRecord>,
    /// What clients did with what they had stored, in this arm.
    #[serde(default)]
    pub caching: CachingRecord,
    /// Downloads that were cut, and how they went on.
    #[serde(default)]
    pub resumes: ResumesRecord,
}

/// Downloads that broke in the middle; each cost a second request within its poll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumesRecord {
    /// Second requests.
    pub attempted: u64,
    /// Answered 206 with what was missing.
    pub partial: u64,
    /// Answered 200 with the whole content again.
    pub whole: u64,
}

/// Polls by verdict.
#[expect(missing_docs, reason = "the nine verdicts, documented at `measure::Verdict`")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictsRecord {
    pub first_fetch: u64,
    pub validated: u64,
    pub changed: u64,
    pub regressed: u64,
    pub needless_transfer: u64,
    pub false_validation: u64,
    pub fresh_hit: u64,
    pub unverifiable: u64,
    pub error: u64,
}

/// The polls of an arm by round: in round `n` each client makes its poll number `n`, from 1.
///
/// Empty in records saved before there was this field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundsRecord {
    /// Rounds in each bucket, a power of two; the last bucket may be of fewer.
    pub width: u32,
    /// At most 128: the first is of rounds `1..=width`, the next of as many after these.
    pub buckets: Vec<RoundBucketRecord>,
}

/// Some consecutive rounds, summed up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundBucketRecord {
    /// Polls, those without a request included.
    pub polls: u64,
    /// Of these, answered 304.
    pub not_modified: u64,
    /// Every one of these polls by what it meant.
    pub verdicts: VerdictsRecord,
    /// Bytes written.
    pub request_bytes: u64,
    /// Bytes read: status line, fields, framing and content.
    pub response_bytes: u64,
    /// `response_bytes` less the content of needless transfers.
    pub ideal_response_bytes: u64,
}

/// Bytes counted at the clients' sockets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BytesRecord {
    /// Written.
    pub requests: u64,
    /// Read: status line, fields, framing and content.
    pub responses: u64,
    /// Of `responses`, everything but content.
    pub response_fields: u64,
    /// Of `responses`, content.
    pub response_content: u64,
    /// Mean of `responses` over polls whose content the client already held.
    pub per_unchanged_poll: Option<f64>,
    /// `responses` less the content of needless transfers.
    pub ideal_responses: u64,
    /// Field lines that only the lab adds, both directions; included above.
    pub instrumentation: u64,
    /// `requests` and `responses` together: what a round trip costs, tag in the request included.
    #[serde(default)]
    pub both_directions: u64,
}

/// Quantiles in microseconds.
#[expect(missing_docs, reason = "quantiles, documented at `measure::LatencySummary`")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatencyRecord {
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
    pub p999: u64,
    pub max: u64,
}

/// One replica, as the clients saw it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReplicaRecord {
    /// `r1`, `r2`, …; `-` for responses that nobody signed.
    pub id: String,
    /// Responses.
    pub polls: u64,
    /// Of these, 304s.
    pub not_modified: u64,
    /// Distinct tags, at most 256, bytes that are not UTF-8 replaced.
    pub entity_tags: Vec<String>,
    /// The same with what each tag stood for; a tag stands once for each of its contents.
    #[serde(default)]
    pub sightings: Vec<SightingRecord>,
}

/// A tag of a replica, and a content that it stood for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SightingRecord {
    /// As in [`ReplicaRecord::entity_tags`].
    pub entity_tag: String,
    /// A short hash of the content; `null` where nobody declares what a 304 validates.
    pub content: Option<String>,
}

/// What came in one content coding; a 304 counts for the coding of what it confirms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CodingRecord {
    /// `identity`, `gzip`, `br`, `zstd`, `deflate` or `other`.
    pub coding: String,
    /// Responses, errors left out.
    pub responses: u64,
    /// Of these, responses with an entity tag.
    pub tagged: u64,
    /// Of these, 304s.
    pub not_modified: u64,
    /// Of these, 200s whose content the client already held.
    pub needless_transfer: u64,
}

/// How one change reached the clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangeSeenRecord {
    /// As in [`ChangeRecord::at_poll`].
    pub at_poll: u32,
    /// Clients that polled after the change was on every replica.
    pub clients_polled: u64,
    /// Of these, those that had the new content after their first such poll.
    pub clients_updated: u64,
}

/// One kind of error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorRecord {
    /// What went wrong.
    pub reason: String,
    /// How often.
    pub count: u64,
}

/// First arm against last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRecord {
    /// Name of the first arm.
    pub before: String,
    /// Name of the last arm.
    pub after: String,
    /// `bytes.responses` of the first less that of the last; negative when it grew.
    pub bytes_saved: i64,
    /// The same as a share of the first.
    pub bytes_saved_ratio: Option<f64>,
    /// The same in both directions, where the longer request of a conditional poll counts against
    /// the saving.
    #[serde(default)]
    pub net_bytes_saved: i64,
    /// Last less first, `-1.0..=1.0`.
    pub not_modified_ratio_change: Option<f64>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Wrong answers or wasted transfers.
    Bad,
    /// The measurement may mislead.
    Warn,
    /// Worth knowing.
    Info,
    /// Shown to be in order.
    Ok,
}

/// One thing that the run shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindingRecord {
    /// Stable code, such as `ETL001`; empty for `ok`.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// Name of the arm; `null` when it concerns the whole run.
    pub arm: Option<String>,
    /// One line.
    pub title: String,
    /// What was observed.
    pub evidence: String,
}

/// One assertion and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectationRecord {
    /// As written, with its arm.
    pub text: String,
    /// Whether it held.
    pub passed: bool,
    /// The value found; a sentence when there was none.
    pub observed: String,
}
