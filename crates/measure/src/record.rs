//! `RunRecord`: a run as users' scripts read it (JSON, schema `etag-lab.run/1`).
//!
//! Mirrors the file and nothing else. Fields are added, never renamed or removed, within a schema
//! version. Ratios are `0.0..=1.0`; `null` means that there was nothing to divide by.

mod arm;
mod control_plane;
pub(crate) mod counts;
mod events;
mod polls;
mod scenario;

use serde::{Deserialize, Serialize};

pub use self::arm::{
    ArmRecord, CacheRecord, ChangeSeenRecord, CodingRecord, EditionRecord, ErrorRecord,
    ReplicaRecord, SightingRecord,
};
pub use self::control_plane::{
    ControlPlaneRecord, FreshnessRecord, MissesRecord, ProxyModeRecord, SharedStoreRecord,
};
pub use self::counts::{
    BytesRecord, FramingBytes, HistogramsRecord, LatencyRecord, ResumesRecord, RoundBucketRecord,
    RoundsRecord, TablesRecord, TlsBytes, VerdictsRecord, WindowRecord, WritesRecord,
};
pub use self::events::{ChangeRecord, EventKindRecord, EventRecord};
pub use self::polls::PollCounts;
pub use self::scenario::{CachingRecord, OnErrorRecord, ScenarioRecord, SetupRecord};

/// Value of [`RunRecord::schema`].
pub const SCHEMA: &str = "etag-lab.run/1";

/// One run: what was asked, what was measured, what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// The program that measured.
    pub tool: ToolRecord,
    /// `model` where it was computed and not measured; left out where it was measured.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The command line that reproduces the run.
    pub command: String,
    /// Start of the run, RFC 3339 in UTC.
    pub started: String,
    /// The resolved scenario.
    pub scenario: ScenarioRecord,
    /// The machine.
    pub machine: MachineRecord,
    /// Parts of one schedule that are in this record; left out where it was not divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardRecord>,
    /// Runs of which each arm has the spread; left out for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<u32>,
    /// The run was interrupted: what is here was measured, but it is not all that was asked.
    pub partial: bool,
    /// In the order of the scenario; at least one.
    pub arms: Vec<ArmRecord>,
    /// First arm against last; `null` with fewer than two arms.
    pub comparison: Option<ComparisonRecord>,
    /// Findings, worst first.
    pub findings: Vec<FindingRecord>,
    /// Expectations of the scenario and of `--fail-if`, with their results.
    pub expectations: Vec<ExpectationRecord>,
}

impl RunRecord {
    /// Reports whether it is of one shard among several.
    pub fn is_part(&self) -> bool {
        self.shard.as_ref().is_some_and(|shard| shard.parts.len() == 1 && shard.total > 1)
    }
}

/// Parts of one schedule, each polled by a process of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ShardRecord {
    /// Number of parts of the whole.
    pub total: u32,
    /// Parts that are in this record, from 0, ascending.
    pub parts: Vec<u32>,
    /// Of these, the ones that were interrupted.
    pub cut: Vec<u32>,
    /// Longest time between the start that was agreed on and the first poll, in microseconds; `null`
    /// where nothing was agreed on.
    pub skew_us: Option<u64>,
    /// Findings that each part made by itself, of sums of parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_findings: Vec<FindingRecord>,
}

impl ShardRecord {
    /// Most parts of one schedule.
    pub const MOST: u32 = 10_000;

    /// Parts of the whole that are not in this record.
    pub fn missing(&self) -> impl Iterator<Item = u32> {
        (0..self.total).filter(|part| !self.parts.contains(part))
    }
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

/// Severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    // In this order findings are sorted: the worst first.
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
    /// Stable name, such as `node-local-tag`; empty for `ok` and in older records.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Severity.
    pub severity: Severity,
    /// Name of the arm; `null` when it concerns the whole run.
    pub arm: Option<String>,
    /// One line.
    pub title: String,
    /// The observation behind it.
    pub evidence: String,
    /// Advice for any product; empty for `ok` and in older records.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fix: String,
}

/// One assertion and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExpectationRecord {
    /// As written, with its arm.
    pub text: String,
    /// True when it held.
    pub passed: bool,
    /// The value found; a sentence when there was none.
    pub observed: String,
    /// Whether it says how many polls may fail, so that failed polls alone do not fail the run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub concerns_errors: bool,
}
