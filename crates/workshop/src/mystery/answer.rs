//! An answer: the code of a finding, and a cause where the code does not say all.

use findings::FindingKind;
use findings::catalogue;
use findings::conclusion::{HEALTHY, INCONCLUSIVE};

use super::culprits::{self, CULPRITS};

/// What a participant says is wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suspect {
    kind: &'static FindingKind,
    pub(super) code: &'static str,
    pub(super) cause: Option<&'static str>,
}

impl Suspect {
    /// Reads an answer; an error says what it lacks. It depends on no truth.
    pub(super) fn of(code: &str, cause: Option<&str>) -> Result<Self, String> {
        let kind = catalogue::find(code).ok_or_else(|| unknown_code(code))?;
        let names: Vec<_> = kind.cause_names.iter().map(String::as_str).collect();
        let own = |cause: &str| names.iter().copied().find(|name| *name == cause);
        let cause = match cause {
            None if needs_cause(&kind.code) => {
                let listed = text::listed(&names);
                let title = format!("{} has several causes", kind.code);
                return Err(format!("{title}\n  = help: name one with --cause: {listed}"));
            }
            None => None,
            Some(cause) => Some(own(cause).ok_or_else(|| unknown_cause(kind, cause, &names))?),
        };
        Ok(Self { kind, code: &kind.code, cause })
    }

    /// True if it says that nothing is wrong, or that nobody can tell.
    pub(super) fn is_conclusion(&self) -> bool {
        [&HEALTHY.code, &INCONCLUSIVE.code].contains(&&self.kind.code)
    }

    /// What would look different if it were true.
    pub(super) fn would_differ(&self) -> String {
        let known = culprits::named(self.code, self.cause);
        let cause = self.cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
        // A fault that this game knows has a sentence for players; any other one that of the catalogue.
        if let Some(culprit) = known {
            return format!("if it were {}{cause}, {}", self.code, culprit.differs);
        }
        let says = self.kind.says.trim();
        let first = says.split_inclusive(". ").next().unwrap_or(says).trim();
        format!("if it were {}{cause}, you would see this: {first}", self.code)
    }
}

/// True where one code stands for several faults.
fn needs_cause(code: &str) -> bool {
    CULPRITS.iter().any(|culprit| culprit.code == code && culprit.cause.is_some())
}

fn unknown_code(code: &str) -> String {
    let names: Vec<_> = catalogue::all().iter().map(|kind| kind.name.as_str()).collect();
    let code = text::excerpt(code);
    let near = text::suggestion(&code, &names);
    format!("`{code}` is no finding\n  = help: {near}\n  = help: etag-lab explain lists them all")
}

fn unknown_cause(kind: &FindingKind, cause: &str, names: &[&str]) -> String {
    let cause = text::excerpt(cause);
    if names.is_empty() {
        return format!("{} has no causes to choose from\n  = help: leave --cause out", kind.code);
    }
    let listed = text::listed(names);
    format!("`{cause}` is no cause of {}\n  = help: its causes: {listed}", kind.code)
}
