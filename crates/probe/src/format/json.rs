//! JSON, schema `etag-lab.check/1`: fields are added, never renamed.

use measure::record::Severity;
use serde::{Deserialize, Serialize};

use findings::check::{Check, TagSeen};
use findings::evidence::{EvidenceSource, hex};
use findings::memory::{Change, Remembered};
use findings::replicas::{CONFIDENCE, Estimate};
use findings::rounds::Event;
use findings::{Finding, Remedy};

#[derive(Serialize)]
struct CheckRecord<'a> {
    schema: &'static str,
    tool: Tool,
    target: &'a str,
    source: &'static str,
    certificate_verified: Option<bool>,
    requests: usize,
    conditional: usize,
    not_modified: usize,
    estimated_replicas: Replicas,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_bytes: Option<u64>,
    findings: Vec<FindingRecord<'a>>,
    tags: &'a [TagSeen],
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    rounds: Option<usize>,
    #[serde(skip_serializing_if = "<[Event]>::is_empty")]
    events: &'a [Event],
    #[serde(skip_serializing_if = "str::is_empty")]
    checked_at: &'a str,
    request_fields: &'a [String],
    validators: Vec<ValidatorRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<SinceRecord<'a>>,
}

/// Validators and the content that they stood for, as `--since` reads them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ValidatorRecord {
    pub(crate) tag: Option<String>,
    pub(crate) coding: String,
    pub(crate) last_modified: Option<String>,
    /// Of the decoded content, in hexadecimal; `None` when it was not seen whole.
    pub(crate) sha256: Option<String>,
}

/// Comparison with an earlier check.
#[derive(Serialize)]
struct SinceRecord<'a> {
    change: &'static str,
    says: &'a str,
}

#[derive(Serialize)]
struct Tool {
    version: &'static str,
}

#[derive(Serialize)]
struct Replicas {
    #[serde(flatten)]
    estimate: Estimate,
    confidence: f64,
}

/// A finding as programs read it.
#[derive(Serialize)]
pub struct FindingRecord<'a> {
    code: &'a str,
    name: &'a str,
    severity: Severity,
    cause: Option<&'static str>,
    title: &'a str,
    evidence: String,
    fix: String,
    advice: &'a [Remedy],
    section: &'a str,
    confidence: f64,
}

impl<'a> FindingRecord<'a> {
    /// Record of a finding.
    pub fn of(finding: &'a Finding) -> Self {
        Self {
            code: &finding.kind.code,
            name: &finding.kind.name,
            severity: finding.severity,
            cause: finding.cause,
            title: &finding.title,
            evidence: finding.evidence.join("\n"),
            fix: finding.fix(),
            advice: &finding.remedies,
            section: &finding.kind.section,
            confidence: finding.confidence,
        }
    }
}

fn since((change, says): &(Change, String)) -> SinceRecord<'_> {
    SinceRecord { change: change.name(), says }
}

/// Name and version of the format.
pub(crate) const SCHEMA: &str = "etag-lab.check/1";

/// `None` of octets that are no text, which JSON cannot hold.
fn validator(seen: &Remembered) -> Option<ValidatorRecord> {
    let text = |octets: &Option<Vec<u8>>| {
        let octets = octets.clone();
        octets.map(String::from_utf8).transpose().ok()
    };
    Some(ValidatorRecord {
        tag: text(&seen.tag)?,
        coding: seen.coding.clone(),
        last_modified: text(&seen.last_modified)?,
        sha256: seen.content.map(|content| hex(&content)),
    })
}

pub(super) fn render(check: &Check) -> String {
    let findings = check.findings.iter().map(FindingRecord::of);
    let record = CheckRecord {
        schema: SCHEMA,
        tool: Tool { version: env!("CARGO_PKG_VERSION") },
        target: &check.target,
        source: match check.source {
            EvidenceSource::Live => "live",
            EvidenceSource::Har => "har",
            EvidenceSource::Wire => "wire",
        },
        certificate_verified: check.certificate_verified,
        requests: check.exchanges,
        conditional: check.conditional,
        not_modified: check.not_modified,
        estimated_replicas: Replicas { estimate: check.replicas, confidence: CONFIDENCE },
        content_bytes: check.content_bytes,
        findings: findings.collect(),
        tags: &check.tags,
        notes: &check.notes,
        rounds: check.rounds,
        events: &check.events,
        checked_at: &check.at,
        request_fields: &check.given,
        validators: check.validators.iter().filter_map(validator).collect(),
        since: check.since.as_ref().map(since),
    };
    let json = serde_json::to_string_pretty(&record).expect("strings and numbers can be written");
    text::json::escape(&json) + "\n"
}
