//! `unverifiable-304`: 304s of servers that do not declare what they hold.

use measure::Verdict;

use crate::kind::{FindingKind, Judgement, Severity};
use crate::run::evidence::ArmEvidence;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("unverifiable_304.toml");
    FindingKind { polls: Some(in_run), ..FindingKind::read(words) }
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let unverifiable = arm.tally.verdicts.of(Verdict::Unverifiable);
    (unverifiable > 0).then(|| {
        Judgement::certain(Severity::Info, format!("{unverifiable} 304s cannot be verified"))
            .with("nobody declares what the replica held, so a stale 304 would not be noticed")
    })
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{FirstFetch, Unverifiable, Validated};

    use super::*;
    use crate::run::Validator;
    use crate::run::fixture::{self as run, exchange};

    #[test]
    fn a_304_without_declared_content_is_found_and_a_verified_one_is_not() {
        let first = exchange(FirstFetch, 1, "\"x\"", "a");
        let evidence = "nobody declares what the replica held, so a stale 304 would not be noticed";
        let sound = "1 of 1 conditional polls got a 304";
        run::check(
            Validator::Tag,
            &[first.clone(), exchange(Unverifiable, 1, "\"x\"", "a")],
            &[("ETL007", Severity::Info, evidence), ("", Severity::Ok, sound)],
        );
        let verified = exchange(Validated, 1, "\"x\"", "a");
        run::check(Validator::Tag, &[first, verified], &[("", Severity::Ok, sound)]);
    }
}
