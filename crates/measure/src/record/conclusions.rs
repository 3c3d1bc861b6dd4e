//! Conclusions from the arms: comparison, findings and expectations.

use serde::{Deserialize, Serialize};

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
