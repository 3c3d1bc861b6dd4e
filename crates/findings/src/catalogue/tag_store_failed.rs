//! `tag-store-failed`: the store of shared tags did not answer.

use measure::Verdict;

use crate::kind::{FindingKind, Judgement, Severity};
use crate::run::evidence::{ArmEvidence, Validator};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("tag_store_failed.toml");
    FindingKind { polls: Some(in_run), ..FindingKind::read(words) }
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let Validator::SharedTag(shared) = arm.validator else { return None };
    let (errors, failed) = (shared.store_errors, arm.tally.verdicts.of(Verdict::Error));
    let instead = match failed {
        0 => "content was sent without a tag instead, and no poll failed".to_owned(),
        _ => format!("{failed} polls failed"),
    };
    (errors > 0).then(|| {
        let title = format!("the store of tags did not answer {errors} times");
        Judgement::certain(Severity::Warn, title).with(instead)
    })
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{FirstFetch, Validated};
    use measure::record::SharedStoreRecord;

    use super::*;
    use crate::run::fixture::{self as run, exchange};

    #[test]
    fn a_store_that_did_not_answer_is_found_with_what_was_sent_instead() {
        let polls = [exchange(FirstFetch, 1, "\"a\"", "a"), exchange(Validated, 2, "\"a\"", "a")];
        let check = |store_errors, expected: &[_]| {
            let shared = SharedStoreRecord { store_errors, ..SharedStoreRecord::default() };
            run::check(Validator::SharedTag(&shared), &polls, expected);
        };
        let evidence = "content was sent without a tag instead, and no poll failed";
        check(7, &[("ETL041", Severity::Warn, evidence)]);
        check(0, &[("", Severity::Ok, "1 of 1 conditional polls got a 304")]);
    }
}
