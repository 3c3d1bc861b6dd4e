//! JSON, schema `etag-lab.check/1`: fields are added, never renamed.

use measure::record::Severity;
use serde::Serialize;

use findings::Remedy;
use findings::check::{Check, TagSeen};
use findings::evidence::EvidenceSource;
use findings::replicas::{CONFIDENCE, Estimate};

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
    findings: Vec<FindingRecord<'a>>,
    tags: &'a [TagSeen],
    notes: &'a [String],
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

#[derive(Serialize)]
struct FindingRecord<'a> {
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

pub(super) fn render(check: &Check) -> String {
    let findings = check.findings.iter().map(|finding| FindingRecord {
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
    });
    let record = CheckRecord {
        schema: "etag-lab.check/1",
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
        findings: findings.collect(),
        tags: &check.tags,
        notes: &check.notes,
    };
    let json = serde_json::to_string_pretty(&record).expect("strings and numbers can be written");
    text::json::escape(&json) + "\n"
}
