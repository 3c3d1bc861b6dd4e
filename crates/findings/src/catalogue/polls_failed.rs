//! `polls-failed`: polls that brought no usable response.

use measure::Verdict;

use crate::kind::{FindingKind, Judgement, Severity};
use crate::run::evidence::ArmEvidence;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("polls_failed.toml");
    FindingKind { polls: Some(in_run), ..FindingKind::read(words) }
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let tally = arm.tally;
    let failed = tally.verdicts.of(Verdict::Error);
    let reasons =
        tally.errors_by_reason().into_iter().map(|(reason, count)| format!("{count} × {reason}"));
    (failed > 0).then(|| {
        let title = format!("{failed} of {} polls failed", tally.verdicts.total());
        Judgement::certain(Severity::Bad, title).with(reasons.collect::<Vec<_>>().join(", "))
    })
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{Error, FirstFetch};

    use super::*;
    use crate::run::Validator;
    use crate::run::fixture::{self as run, exchange};

    #[test]
    fn failed_polls_are_listed_by_reason() {
        run::check(
            Validator::Tag,
            &[exchange(Error, 1, "", "a")],
            &[("ETL006", Severity::Bad, "1 × response cut short")],
        );
        run::check(Validator::Tag, &[exchange(FirstFetch, 1, "\"x\"", "a")], &[]);
    }
}
