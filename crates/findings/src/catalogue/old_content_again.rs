//! `old-content-again`: clients that had new content got old content again.

use measure::Verdict;

use super::content_differs_per_replica;
use crate::kind::{FindingKind, Judgement, Severity};
use crate::run::evidence::ArmEvidence;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("old_content_again.toml");
    FindingKind { polls: Some(in_run), ..FindingKind::read(words) }
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let regressed = arm.tally.verdicts.of(Verdict::Regressed);
    let by_edition = (regressed > 0).then(|| {
        let title =
            format!("old and new content served at once: clients went back {regressed} times");
        Judgement::certain(Severity::Warn, title)
            .with("a rollout reaches the replicas one after the other")
    });
    by_edition.or_else(|| to_and_fro(arm))
}

/// Contents without an edition that come back again and again, without belonging to replicas.
fn to_and_fro(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let contents = arm.tally.unnumbered().find(|contents| contents.goes_to_and_fro())?;
    // That has a name of its own.
    if content_differs_per_replica::in_run(arm).is_some() {
        return None;
    }
    let title = format!("clients go to and fro between {} contents", contents.contents());
    let returns = format!("contents came back {} times after another", contents.returns());
    let why = "replicas, a cache or a rollout have old and new content at once";
    Some(Judgement::new(Severity::Warn, 0.85, title).with(returns).with(why))
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{Changed, FirstFetch, Regressed, Unverifiable};

    use super::*;
    use crate::run::fixture::{self as run, exchange};
    use crate::run::{Validator, of_arm};

    #[test]
    fn contents_that_come_and_go_for_all_clients_are_found_and_leave_no_sound_arm() {
        let found = |blocks: &[&str]| {
            let mut tally = measure::Tally::default();
            for content in blocks {
                let id = truth::ContentId::of(content.as_bytes());
                for _ in 0..10 {
                    tally.record(&exchange(Changed, 1, "\"x\"", content));
                    tally.record_state(0, truth::Content { id, edition: None });
                    tally.record(&exchange(Unverifiable, 1, "\"x\"", content));
                }
            }
            let found = of_arm("poll", ArmEvidence { tally: &tally, validator: Validator::Date });
            found.into_iter().map(|finding| (finding.code, finding.severity)).collect::<Vec<_>>()
        };
        let (code, sound) = (kind().code, String::new());
        let to_and_fro = found(&["old", "new", "old", "new", "old", "new"]);
        assert!(to_and_fro.contains(&(code.clone(), Severity::Warn)), "{to_and_fro:?}");
        assert!(!to_and_fro.iter().any(|(code, _)| *code == sound), "{to_and_fro:?}");
        let reverted = found(&["old", "new", "old"]);
        assert!(!reverted.iter().any(|(found, _)| *found == code), "{reverted:?}");
    }

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
