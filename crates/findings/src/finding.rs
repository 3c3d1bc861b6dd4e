//! Findings about one deployment: every judge of the catalogue, then the conclusion.

use measure::record::Severity;

use crate::catalogue::FINDINGS;
use crate::conclusion;
use crate::kind::{FindingKind, Judgement};
use crate::view::View;

/// Finding about one deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Entry of the catalogue.
    pub kind: &'static FindingKind,
    /// Harm that it does.
    pub severity: Severity,
    /// One of the kind's `cause_names`.
    pub cause: Option<&'static str>,
    /// One line. May hold text from outside.
    pub title: String,
    /// Observations, one sentence each. May hold text from outside.
    pub evidence: Vec<String>,
    /// Advice for the products that name themselves, and for the cause.
    pub fix: &'static str,
    /// Confidence, `0.0..=1.0`.
    pub confidence: f64,
}

impl Finding {
    pub(crate) fn new(kind: &'static FindingKind, judgement: Judgement, servers: &str) -> Self {
        let Judgement { severity, title, evidence, cause, confidence } = judgement;
        let fix = kind.advice_for(servers, cause);
        Self { kind, severity, cause, title, evidence, fix, confidence }
    }

    /// Reports whether it is the conclusion that nothing is wrong.
    pub fn is_healthy(&self) -> bool {
        *self.kind == conclusion::HEALTHY
    }

    /// Reports whether it is the conclusion that the evidence does not suffice.
    pub fn is_inconclusive(&self) -> bool {
        *self.kind == conclusion::INCONCLUSIVE
    }

    /// Reports whether it is one of the conclusions, which need no fix.
    pub fn is_conclusion(&self) -> bool {
        conclusion::is_one(self.kind)
    }
}

/// Findings that are wrong, worst first, then the conclusion, then those that are only worth
/// knowing. Never empty.
pub(crate) fn of(view: &View<'_>) -> Vec<Finding> {
    let servers = view.servers();
    let judged = FINDINGS.iter().filter_map(|kind| Some((kind, kind.exchanges?(view)?)));
    let mut findings: Vec<_> =
        judged.map(|(kind, judgement)| Finding::new(kind, judgement, &servers)).collect();
    findings.sort_by_key(|finding| finding.severity);
    let wrong = findings.iter().take_while(|finding| finding.severity <= Severity::Warn).count();
    if wrong == 0 {
        let (kind, judgement) = conclusion::of(view);
        findings.insert(0, Finding::new(kind, judgement, &servers));
    }
    findings
}
