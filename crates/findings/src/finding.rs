//! What evidence says, under stable codes and names: one file for each finding.
//!
//! A finding is judged from the arranged evidence alone; it makes no request and claims nothing
//! that was not seen. To add one: a file in `findings/` and its line in [`catalogue`].

use measure::record::Severity;

use crate::catalogue;
use crate::tag_form::Cause;
use crate::view::View;

/// One kind of finding, for judging and for `explain`.
pub struct Entry {
    /// Stable code, such as `ETL001`.
    pub code: &'static str,
    /// Stable name, which scripts match.
    pub name: &'static str,
    /// What it says, in one or two sentences.
    pub says: &'static str,
    /// The experiment behind it.
    pub experiment: &'static str,
    /// What it cannot see, and when it may be mistaken.
    pub limits: &'static str,
    /// What usually causes it.
    pub causes: &'static str,
    /// Fixes: a word of the server's name in lower case, and what to do there; the last one, with
    /// an empty word, holds for any server.
    pub fixes: &'static [(&'static str, &'static str)],
    /// The section of the standard.
    pub section: &'static str,
    /// Judges.
    pub(crate) judge: fn(&View<'_>) -> Option<Verdict>,
}

impl Entry {
    /// The fix for the servers named, or the general one.
    pub(crate) fn fix_for(&self, servers: &str) -> &'static str {
        let found = self.fixes.iter().find(|(word, _)| servers.contains(word));
        found.map_or("", |(_, fix)| fix)
    }
}

/// What a judge found; the entry and the fix come from the catalogue.
pub(crate) struct Verdict {
    pub(crate) severity: Severity,
    title: String,
    evidence: Vec<String>,
    pub(crate) cause: Option<Cause>,
    confidence: f64,
    /// A fix for what was seen, where it says more than the server's name does.
    fix: Option<&'static str>,
}

impl Verdict {
    pub(crate) fn new(severity: Severity, confidence: f64, title: impl Into<String>) -> Self {
        let title = title.into();
        Self { severity, title, evidence: Vec::new(), cause: None, confidence, fix: None }
    }

    pub(crate) fn with(mut self, evidence: impl Into<String>) -> Self {
        self.evidence.push(evidence.into());
        self
    }

    pub(crate) fn because(mut self, cause: Cause) -> Self {
        self.cause = Some(cause);
        self
    }

    pub(crate) fn fixed_by(mut self, fix: Option<&'static str>) -> Self {
        self.fix = fix;
        self
    }
}

/// A finding about one deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Stable code.
    pub code: &'static str,
    /// Stable name.
    pub name: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What a node-local tag depends on.
    pub cause: Option<Cause>,
    /// One line. May hold text from outside.
    pub title: String,
    /// What was seen, one sentence each. May hold text from outside.
    pub evidence: Vec<String>,
    /// What to do, for the server recognised.
    pub fix: String,
    /// The section of the standard.
    pub section: &'static str,
    /// How sure, `0.0..=1.0`.
    pub confidence: f64,
}

/// Everything the evidence says: what is wrong, worst first, then the conclusion, then what is only
/// worth knowing. Never empty.
pub(crate) fn of(view: &View<'_>) -> Vec<Finding> {
    let servers = view.servers();
    let found = catalogue::FINDINGS.iter().filter_map(|entry| {
        let verdict = (entry.judge)(view)?;
        Some(Finding {
            code: entry.code,
            name: entry.name,
            severity: verdict.severity,
            cause: verdict.cause,
            title: verdict.title,
            evidence: verdict.evidence,
            fix: verdict.fix.unwrap_or_else(|| entry.fix_for(&servers)).to_owned(),
            section: entry.section,
            confidence: verdict.confidence,
        })
    });
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(rank);
    found
}

/// What is wrong, then the conclusion, then what is only worth knowing.
fn rank(finding: &Finding) -> u8 {
    match finding.severity {
        Severity::Bad => 0,
        Severity::Warn => 1,
        Severity::Ok => 2,
        Severity::Info if finding.name == "inconclusive" => 2,
        Severity::Info => 3,
    }
}

/// A tag or field value as text of bounded length; hidden characters are left to the printer.
pub fn shown(value: &[u8]) -> String {
    const MOST: usize = 72;
    let text = String::from_utf8_lossy(&value[..value.len().min(4 * MOST)]);
    if text.chars().count() <= MOST && value.len() <= 4 * MOST {
        return text.into_owned();
    }
    let head: String = text.chars().take(MOST).collect();
    format!("{head}… ({} bytes)", value.len())
}

/// `3 of 8 responses`.
pub(crate) fn of_all(part: usize, all: usize, noun: &str) -> String {
    format!("{part} of {all} {noun}{}", if all == 1 { "" } else { "s" })
}
