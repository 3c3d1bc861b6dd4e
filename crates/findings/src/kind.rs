//! Kinds of findings: what an entry of the catalogue says about itself, and how it is judged.
//!
//! A judge reads evidence and nothing else; it makes no request and claims nothing that was not
//! seen. The same kind may have several judges, because a check sees exchanges of one client and
//! a run knows what every replica held, but its words are written once.

use measure::record::ArmRecord;
pub(crate) use measure::record::Severity;
use serde::Deserialize;

use crate::advice::Advice;
use crate::run::evidence::ArmEvidence;
use crate::view::View;

type ArmsJudge = fn(&[ArmRecord]) -> Option<Judgement>;

/// Entry of the catalogue: its words, read from a file, and its judges.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FindingKind {
    /// Stable code, such as `ETL001`.
    pub code: String,
    /// Stable name in kebab-case, which scripts match.
    pub name: String,
    /// Statement of the finding, in one or two sentences.
    pub says: String,
    /// Experiment or measurement behind it.
    pub experiment: String,
    /// Blind spots, and when it may be mistaken.
    pub limits: String,
    /// Usual causes.
    pub causes: String,
    /// Names of the causes that a finding of this kind may be given, which scripts match.
    pub cause_names: Vec<String>,
    /// Advice for some products or causes, the most specific first.
    pub advice: Vec<Advice>,
    /// Advice where none of these holds.
    pub fix: String,
    /// Section of the standard; empty when no standard speaks of it.
    pub section: String,
    /// Built-in scenario that shows it, or the path of a scenario file; empty when none does.
    pub scenario: String,
    /// Judge of the exchanges of a check.
    #[serde(skip)]
    pub(crate) exchanges: Option<fn(&View<'_>) -> Option<Judgement>>,
    /// Judge of the polls of one arm of a run.
    #[serde(skip)]
    pub(crate) polls: Option<fn(&ArmEvidence<'_>) -> Option<Judgement>>,
    /// Judge of the arms of a run beside each other.
    #[serde(skip)]
    pub(crate) arms: Option<ArmsJudge>,
}

impl FindingKind {
    /// Reads an entry without its judges.
    pub(crate) fn read(words: &str) -> Self {
        let mut kind: Self = toml::from_str(words).expect("a test reads every entry");
        let Self { says, experiment, limits, causes, fix, advice, .. } = &mut kind;
        let changes = advice.iter_mut().map(|advice| &mut advice.change);
        for text in [says, experiment, limits, causes, fix].into_iter().chain(changes) {
            // Lines end where the file is wrapped; those who print the text wrap it anew.
            *text = text.replace('\n', " ");
        }
        kind
    }

    /// Reports whether `etag-lab check` can find it.
    pub fn is_found_by_check(&self) -> bool {
        self.exchanges.is_some() || crate::conclusion::is_one(self)
    }

    /// Reports whether `etag-lab logs` can find it.
    pub fn is_found_by_logs(&self) -> bool {
        crate::log::FOUND.contains(&self.name.as_str())
    }

    /// Reports whether a run, or its scenario, can show it.
    pub fn is_found_by_run(&self) -> bool {
        self.polls.is_some() || !self.is_found_by_check()
    }
}

// The entries are compiled in, and their codes are unique.
impl PartialEq for FindingKind {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

/// Result of a judge that found something; code, name and advice come from the catalogue.
pub(crate) struct Judgement {
    pub(crate) severity: Severity,
    pub(crate) title: String,
    pub(crate) evidence: Vec<String>,
    pub(crate) cause: Option<&'static str>,
    pub(crate) confidence: f64,
}

impl Judgement {
    pub(crate) fn new(severity: Severity, confidence: f64, title: impl Into<String>) -> Self {
        let title = title.into();
        Self { severity, title, evidence: Vec::new(), cause: None, confidence }
    }

    pub(crate) fn certain(severity: Severity, title: impl Into<String>) -> Self {
        // A run knows what every replica held, so that nothing is inferred.
        Self::new(severity, 1.0, title)
    }

    /// Adds a sentence of evidence.
    pub(crate) fn with(self, sentence: impl Into<String>) -> Self {
        self.with_all([sentence])
    }

    /// Adds any number of sentences: a list, or one that holds sometimes.
    pub(crate) fn with_all<T: Into<String>>(mut self, list: impl IntoIterator<Item = T>) -> Self {
        self.evidence.extend(list.into_iter().map(Into::into));
        self
    }

    /// Names the cause, one of the kind's `cause_names`.
    pub(crate) fn because(mut self, cause: &'static str) -> Self {
        self.cause = Some(cause);
        self
    }
}

/// Tag or field value as text of bounded length; hidden characters are left to the printer.
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
