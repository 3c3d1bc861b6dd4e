//! `old-content-again`: clients that had new content got old content again.

use measure::Verdict;

use crate::kind::{FindingKind, Judgement, Severity};
use crate::run::evidence::ArmEvidence;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("old_content_again.toml");
    FindingKind { polls: Some(in_run), ..FindingKind::read(words) }
}

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
