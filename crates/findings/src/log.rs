//! Findings of access logs: judged in the crate that reads them, in the words of the one catalogue.

use measure::record::Severity;

use crate::advice::Remedy;
use crate::catalogue;
use crate::check::Finding;
use crate::kind::Judgement;
use crate::products::Suspects;

/// Findings that `etag-lab logs` can show, by name.
pub const FOUND: [&str; 6] = [
    "node-local-tag",
    "conditionals-ignored",
    "suffix-not-understood",
    "precedence-wrong",
    "shared-tag-across-contents",
    "client-at-fault",
];

/// Result of a judge of logs that found something.
pub struct LogJudgement(Judgement);

impl LogJudgement {
    /// A judgement without evidence yet.
    pub fn new(severity: Severity, confidence: f64, title: impl Into<String>) -> Self {
        Self(Judgement::new(severity, confidence, title))
    }

    /// Adds a sentence of evidence.
    #[must_use]
    pub fn with(self, sentence: impl Into<String>) -> Self {
        Self(self.0.with(sentence))
    }

    /// Adds any number of sentences.
    #[must_use]
    pub fn with_all<T: Into<String>>(self, list: impl IntoIterator<Item = T>) -> Self {
        Self(self.0.with_all(list))
    }

    /// Names the cause, one of the kind's `cause_names`.
    #[must_use]
    pub fn because(self, cause: &'static str) -> Self {
        Self(self.0.because(cause))
    }
}

/// Finding of a kind, by its name, in the log of a product; empty where the product is not known.
///
/// # Panics
///
/// If the catalogue has no such name.
pub fn finding(name: &str, judgement: LogJudgement, product: &str) -> Finding {
    let kind = catalogue::find(name).expect("a test names every kind that logs can show");
    let Judgement { severity, title, evidence, cause, confidence } = judgement.0;
    let remedies: Vec<Remedy> = kind.remedies(&Suspects::of_log(product), cause);
    Finding { kind, severity, cause, title, evidence, remedies, confidence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_of_logs_is_in_the_catalogue() {
        for name in FOUND {
            assert!(catalogue::find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn the_product_that_wrote_the_log_gets_its_advice_and_the_program_behind_it_too() {
        let judgement = || LogJudgement::new(Severity::Bad, 0.9, "ignored");
        let advice: Vec<_> = finding("conditionals-ignored", judgement(), "haproxy")
            .remedies
            .iter()
            .map(Remedy::text)
            .collect();
        assert!(advice[0].contains("del-header If-None-Match"), "{advice:?}");
        assert!(advice[1].starts_with("the program behind: "), "{advice:?}");
        let anywhere = finding("conditionals-ignored", judgement(), "").remedies;
        assert_eq!(anywhere.len(), 1, "{anywhere:?}");
    }
}
