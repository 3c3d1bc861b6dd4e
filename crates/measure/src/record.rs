//! `RunRecord`: a run as users' scripts read it (JSON, schema `etag-lab.run/1`).
//!
//! Mirrors the file and nothing else. Fields are added, never renamed or removed, within a schema
//! version. Ratios are `0.0..=1.0`; `null` means that there was nothing to divide by.

mod arm;
mod conclusions;
mod control_plane;
mod counts;
mod scenario;
mod shared_store;

use serde::{Deserialize, Serialize};

pub use self::arm::{
    ArmRecord, ChangeSeenRecord, CodingRecord, ErrorRecord, ReplicaRecord, SightingRecord,
};
pub use self::conclusions::{ComparisonRecord, ExpectationRecord, FindingRecord, Severity};
pub use self::control_plane::{ControlPlaneRecord, FreshnessRecord, ProxyModeRecord};
pub use self::counts::{
    BytesRecord, LatencyRecord, ResumesRecord, RoundBucketRecord, RoundsRecord, TablesRecord,
    VerdictsRecord,
};
pub use self::scenario::{
    CachingRecord, ChangeRecord, EventKindRecord, EventRecord, OnErrorRecord, ScenarioRecord,
    SetupRecord,
};
pub use self::shared_store::{MissesRecord, SharedStoreRecord};

/// Value of [`RunRecord::schema`].
pub const SCHEMA: &str = "etag-lab.run/1";

/// One run: what was asked, what was measured, what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`SCHEMA`].
    pub schema: String,
    /// The program that measured.
    pub tool: ToolRecord,
    /// The command line that reproduces the run.
    pub command: String,
    /// Start of the run, RFC 3339 in UTC.
    pub started: String,
    /// The resolved scenario.
    pub scenario: ScenarioRecord,
    /// The machine.
    pub machine: MachineRecord,
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
