//! Kinds of findings: what an entry of the catalogue says about itself, and how it is judged.
//!
//! A judge reads evidence and nothing else; it makes no request and claims nothing that was not
//! seen. The same kind may have several judges, because a check sees exchanges of one client and
//! a run knows what every replica held, but its words are written once.

use measure::record::ArmRecord;
pub(crate) use measure::record::Severity;

use crate::run::evidence::ArmEvidence;
use crate::view::View;

type ArmsJudge = fn(&[ArmRecord]) -> Option<Judgement>;

/// Entry of the catalogue.
#[derive(Debug)]
pub struct FindingKind {
    /// Stable code, such as `ETL001`.
    pub code: &'static str,
    /// Stable name in kebab-case, which scripts match.
    pub name: &'static str,
    /// Statement of the finding, in one or two sentences.
    pub says: &'static str,
    /// Experiment or measurement behind it.
    pub experiment: &'static str,
    /// Blind spots, and when it may be mistaken.
    pub limits: &'static str,
    /// Usual causes.
    pub causes: &'static str,
    /// Names of the causes that a finding of this kind may be given, which scripts match.
    pub cause_names: &'static [&'static str],
    /// Advice for some products or causes, the most specific first.
    pub advice: &'static [Advice],
    /// Advice where none of these holds.
    pub fix: &'static str,
    /// Section of the standard; empty when no standard speaks of it.
    pub section: &'static str,
    /// Built-in scenario that shows it, or the path of a scenario file; empty when none does.
    pub scenario: &'static str,
    /// Judge of the exchanges of a check.
    pub(crate) exchanges: Option<fn(&View<'_>) -> Option<Judgement>>,
    /// Judge of the polls of one arm of a run.
    pub(crate) polls: Option<fn(&ArmEvidence<'_>) -> Option<Judgement>>,
    /// Judge of the arms of a run beside each other.
    pub(crate) arms: Option<ArmsJudge>,
}

impl FindingKind {
    // So a new field does not touch the file of every finding.
    pub(crate) const BLANK: Self = Self {
        code: "",
        name: "",
        says: "",
        experiment: "",
        limits: "",
        causes: "",
        cause_names: &[],
        advice: &[],
        fix: "",
        section: "",
        scenario: "",
        exchanges: None,
        polls: None,
        arms: None,
    };

    /// Reports whether `etag-lab check` can find it.
    pub fn is_found_by_check(&self) -> bool {
        self.exchanges.is_some() || crate::conclusion::is_one(self)
    }

    /// Reports whether a run, or its scenario, can show it.
    pub fn is_found_by_run(&self) -> bool {
        self.polls.is_some() || !self.is_found_by_check()
    }

    /// Advice for the products that the servers name, in lower case, and for the cause.
    pub fn advice_for(&self, servers: &str, cause: Option<&str>) -> &'static str {
        let fits = |advice: &&Advice| {
            servers.contains(advice.product)
                && (advice.causes.is_empty() || cause.is_some_and(|it| advice.causes.contains(&it)))
        };
        self.advice.iter().find(fits).map_or(self.fix, |advice| advice.change)
    }
}

// The entries are compiled in, and their codes are unique.
impl PartialEq for FindingKind {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

/// Change that mends a finding, for one product or for any.
#[derive(Clone, Copy, Debug)]
pub struct Advice {
    /// Word by which the product names itself in `Server` or `X-Powered-By`, in lower case; empty
    /// for any product.
    pub product: &'static str,
    /// Causes that it mends; empty for any, known or not.
    pub causes: &'static [&'static str],
    /// The change.
    pub change: &'static str,
}

impl Advice {
    pub(crate) const fn product(product: &'static str, change: &'static str) -> Self {
        Self { product, causes: &[], change }
    }

    pub(crate) const fn anywhere(change: &'static str) -> Self {
        Self::product("", change)
    }

    /// The same, for these causes only.
    pub(crate) const fn against(self, causes: &'static [&'static str]) -> Self {
        Self { causes, ..self }
    }

    /// Product and causes in words: `apache`, `apache (inode, mtime)`, `anywhere (mtime)`.
    pub fn scope(&self) -> String {
        let product = if self.product.is_empty() { "anywhere" } else { self.product };
        match self.causes {
            [] => product.to_owned(),
            causes => format!("{product} ({})", causes.join(", ")),
        }
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
