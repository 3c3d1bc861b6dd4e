//! `shared-tag-renewed`: a store made a new tag although the content had not changed.

use measure::Verdict;
use measure::record::MissesRecord;

use crate::kind::{FindingKind, Judgement, Severity};
use crate::run::evidence::{ArmEvidence, Validator};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("shared_tag_renewed.toml");
    FindingKind { polls: Some(in_run), ..FindingKind::read(words) }
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let Validator::SharedTag(shared) = arm.validator else { return None };
    let tags = arm.tally.tags_for_same_content();
    let needless = arm.tally.verdicts.of(Verdict::NeedlessTransfer);
    let MissesRecord { key_not_found, resource_changed, .. } = shared.misses;
    // A client that came without a tag did not miss the old one.
    (tags > 1 && needless > 0 && key_not_found + resource_changed > 0).then(|| {
        let title =
            format!("shared tag renewed without a change: the same bytes carry {tags} tags");
        Judgement::certain(Severity::Warn, title).with(format!(
            "{needless} needless 200s; no key in the store: {key_not_found}, another tag in it: \
             {resource_changed}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{FirstFetch, NeedlessTransfer, Validated};
    use measure::record::SharedStoreRecord;

    use super::*;
    use crate::run::fixture::{self as run, exchange};

    #[test]
    fn a_tag_that_the_store_lost_is_found_and_a_client_without_a_tag_is_not() {
        let lost = MissesRecord { header_missing: 1, key_not_found: 1, resource_changed: 0 };
        let (a, b) = (r#"W/"a""#, r#"W/"b""#);
        let polls = [
            exchange(FirstFetch, 1, a, "a"),
            exchange(NeedlessTransfer, 2, b, "a"),
            exchange(Validated, 2, b, "a"),
        ];
        let check = |misses, expected: &[_]| {
            let shared = SharedStoreRecord { misses, ..SharedStoreRecord::default() };
            run::check(Validator::SharedTag(&shared), &polls, expected);
        };
        let evidence = "1 needless 200s; no key in the store: 1, another tag in it: 0";
        check(lost, &[("ETL040", Severity::Warn, evidence)]);
        let sound = "1 of 2 conditional polls got a 304";
        check(MissesRecord { key_not_found: 0, ..lost }, &[("", Severity::Ok, sound)]);
    }
}
