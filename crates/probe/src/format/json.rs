//! JSON, schema `etag-lab.check/1`: fields are added, never renamed.

use serde::Serialize;

use findings::check::Check;
use findings::evidence::EvidenceSource;
use findings::replicas::CONFIDENCE;

#[derive(Serialize)]
struct CheckRecord<'a> {
    schema: &'static str,
    tool: Tool,
    target: &'a str,
    source: &'static str,
    requests: usize,
    conditional: usize,
    not_modified: usize,
    estimated_replicas: Replicas,
    findings: Vec<FindingRecord<'a>>,
    tags: Vec<TagRecord<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Tool {
    version: &'static str,
}

#[derive(Serialize)]
struct Replicas {
    low: u32,
    high: Option<u32>,
    confidence: f64,
}

#[derive(Serialize)]
struct FindingRecord<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'static str,
    cause: Option<&'static str>,
    title: &'a str,
    evidence: String,
    fix: &'a str,
    section: &'a str,
    confidence: f64,
}

#[derive(Serialize)]
struct TagRecord<'a> {
    tag: &'a str,
    coding: &'a str,
    form: &'a str,
    seen: usize,
    replayed: usize,
    not_modified: usize,
    lanes: &'a [String],
}

pub(super) fn render(check: &Check) -> String {
    let findings = check.findings.iter().map(|finding| FindingRecord {
        code: finding.kind.code,
        name: finding.kind.name,
        severity: super::word(finding.severity),
        cause: finding.cause,
        title: &finding.title,
        evidence: finding.evidence.join("\n"),
        fix: finding.fix,
        section: finding.kind.section,
        confidence: finding.confidence,
    });
    let tags = check.tags.iter().map(|tag| TagRecord {
        tag: &tag.tag,
        coding: &tag.coding,
        form: &tag.form,
        seen: tag.seen,
        replayed: tag.replayed,
        not_modified: tag.not_modified,
        lanes: &tag.lanes,
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
        requests: check.exchanges,
        conditional: check.conditional,
        not_modified: check.not_modified,
        estimated_replicas: Replicas {
            low: check.replicas.low,
            high: check.replicas.high,
            confidence: CONFIDENCE,
        },
        findings: findings.collect(),
        tags: tags.collect(),
        notes: &check.notes,
    };
    let json = serde_json::to_string_pretty(&record).expect("strings and numbers can be written");
    text::json::escape(&json) + "\n"
}
