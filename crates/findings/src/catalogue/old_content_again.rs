//! `old-content-again`: clients that had new content got old content again.

use measure::Verdict;

use crate::kind::{FindingKind, Judgement, Severity};
use crate::run::evidence::ArmEvidence;

pub(super) const KIND: FindingKind = FindingKind {
    code: "ETL005",
    name: "old-content-again",
    says: "Old and new content are served at once: clients that had new content got old content \
           again.",
    experiment: "Each client remembers the newest edition it was sent, and the lab numbers editions.",
    limits: "Found in runs only: a check does not know which of two contents is the newer one.",
    causes: "a rollout that reaches the replicas one after the other; a cache that holds an old \
             content",
    fix: "keep a client at one replica while a rollout lasts, or publish the new content on every \
          replica before any of them serves it",
    section: "RFC 9110 §8.8.1",
    scenario: "rolling-deploy",
    polls: Some(in_run),
    ..FindingKind::BLANK
};

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let regressed = arm.tally.verdicts.of(Verdict::Regressed);
    (regressed > 0).then(|| {
        let title =
            format!("old and new content served at once: clients went back {regressed} times");
        Judgement::certain(Severity::Warn, title)
            .with("a rollout reaches the replicas one after the other")
    })
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{Changed, FirstFetch, Regressed};

    use super::*;
    use crate::run::Validator;
    use crate::run::fixture::{self as run, exchange};

    #[test]
    fn old_content_after_new_is_found_and_new_after_old_is_not() {
        let evidence = "a rollout reaches the replicas one after the other";
        let before = [exchange(FirstFetch, 1, "\"1\"", "a"), exchange(Changed, 2, "\"2\"", "b")];
        let back = exchange(Regressed, 1, "\"1\"", "a");
        run::check(
            Validator::Tag,
            &[before[0].clone(), before[1].clone(), back],
            &[("ETL005", Severity::Warn, evidence)],
        );
        run::check(Validator::Tag, &before, &[]);
    }
}
