//! A check in words: for a terminal, as Markdown, JSON and `JUnit` XML.
//!
//! Text from outside (tags, fields, names) is made harmless here, for each medium in its way, and
//! nowhere earlier. Prints nothing: the caller owns standard output.

mod explain;
mod json;
mod junit;
mod markdown;
mod terminal;

use measure::record::Severity;
use report::Style;

use findings::Finding;
use findings::check::{Check, TagSeen};
use findings::evidence::EvidenceSource;
use findings::replicas::CONFIDENCE;

pub(crate) use json::{SCHEMA, ValidatorRecord};

pub use explain::{advice, explain, sections};
pub use json::FindingRecord;
pub use markdown::told as finding_markdown;
pub use terminal::{hanging, told as finding_lines};

/// A medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// To paste into an incident.
    Markdown,
    /// `etag-lab.check/1`.
    Json,
    /// For CI.
    Junit,
}

/// Writes a check. Findings at least as bad as `fail_on` are failures in `JUnit`.
pub fn render(check: &Check, format: Format, style: Style, fail_on: Severity) -> String {
    match format {
        Format::Text => terminal::render(check, style),
        Format::Markdown => markdown::render(check),
        Format::Json => json::render(check),
        Format::Junit => junit::render(check, fail_on),
    }
}

/// One character for a severity, and one word: the character is never the only bearer of its
/// meaning.
fn mark(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Bad => ("✗", "bad"),
        Severity::Warn => ("!", "warn"),
        Severity::Info => ("·", "info"),
        Severity::Ok => ("✓", "ok"),
    }
}

/// 304s of the replays of a tag.
fn replays(tag: &TagSeen) -> String {
    match tag.replayed {
        0 => "–".to_owned(),
        replayed => format!("{}/{replayed}", tag.not_modified),
    }
}

/// `node-local-tag (inode)`.
fn name(finding: &Finding) -> String {
    match finding.cause {
        Some(cause) => format!("{} ({cause})", finding.kind.name),
        None => finding.kind.name.clone(),
    }
}

/// What happened between the rounds, in their order: `2026-01-01T09:41:07Z deploy: …`.
fn events(check: &Check) -> impl Iterator<Item = String> {
    check.events.iter().map(|event| format!("{} {}: {}", event.at, event.what, event.says))
}

/// Parts of the line that says what was done.
fn summary(check: &Check) -> Vec<String> {
    let exchanges = match check.source {
        EvidenceSource::Live => text::counted(check.exchanges as u64, "request"),
        EvidenceSource::Har => format!("{} in a HAR file", exchanges(check)),
        EvidenceSource::Wire => format!("{} in a paste", exchanges(check)),
    };
    let rounds = check.rounds.map(|rounds| text::counted(rounds as u64, "round"));
    let mut parts: Vec<_> = rounds.into_iter().chain([exchanges]).collect();
    if check.conditional > 0 {
        let (some, all) = (check.not_modified, check.conditional);
        parts.push(format!("{some} of {all} replays got a 304"));
    }
    if let Some(replicas) = replicas(check) {
        parts.push(replicas);
    }
    if !check.servers.is_empty() {
        parts.push(format!("server: {}", findings::shown(check.servers.as_bytes())));
    }
    parts
}

fn exchanges(check: &Check) -> String {
    text::counted(check.exchanges as u64, "exchange")
}

/// `3 replicas can be told apart (95 %)`; `None` when the evidence says nothing about them.
///
/// Replicas that agree in all that was seen cannot be counted, unless each was asked by itself.
fn replicas(check: &Check) -> Option<String> {
    let percent = 100.0 * CONFIDENCE;
    let told = format!("can be told apart ({percent:.0} %)");
    match (check.replicas.low, check.replicas.high) {
        (1, None) => None,
        (low, None) => Some(format!("at least {low} replicas")),
        (count, Some(_)) if check.are_replicas_named => {
            Some(text::counted(u64::from(count), "replica"))
        }
        (1, Some(1)) => None,
        (low, Some(high)) if low == high => Some(format!("{low} replicas {told}")),
        (low, Some(high)) => Some(format!("{low}–{high} replicas {told}")),
    }
}
