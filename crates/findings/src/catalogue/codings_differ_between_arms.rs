//! `codings-differ-between-arms`: the bytes of the arms do not compare.

use std::collections::BTreeSet;

use measure::record::ArmRecord;

use crate::kind::{FindingKind, Judgement, Severity};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("codings_differ_between_arms.toml");
    FindingKind { arms: Some(judge), ..FindingKind::read(words) }
}

fn judge(arms: &[ArmRecord]) -> Option<Judgement> {
    let forms = |arm: &ArmRecord| -> BTreeSet<String> {
        arm.codings.iter().map(|coding| coding.coding.clone()).collect()
    };
    // An arm without any response is no other form.
    let measured = || arms.iter().filter(|arm| !arm.codings.is_empty());
    let first = forms(measured().next()?);
    if measured().all(|arm| forms(arm) == first) {
        return None;
    }
    let joined = |arm| forms(arm).into_iter().collect::<Vec<_>>().join(" and ");
    let named: Vec<_> = measured().map(|arm| format!("{} {}", arm.name, joined(arm))).collect();
    let title = "the arms sent content in different codings: their bytes do not compare";
    Some(Judgement::certain(Severity::Warn, title).with(named.join(", ")))
}

#[cfg(test)]
mod tests {
    use measure::Verdict::FirstFetch;
    use measure::record::ArmRecord;
    use measure::{ContentCoding, Exchange, Tally};

    use crate::run::between;
    use crate::run::fixture::exchange;

    #[test]
    fn arms_in_different_codings_are_found_and_an_arm_without_responses_is_not() {
        let arm = |name: &str, codings: &[ContentCoding]| {
            let mut tally = Tally::default();
            for &coding in codings {
                tally.record(&Exchange { coding, ..exchange(FirstFetch, 1, "\"x\"", "a") });
            }
            ArmRecord { name: name.to_owned(), ..tally.to_record() }
        };
        let before = arm("before", &[ContentCoding::Gzip]);
        let after = arm("after", &[ContentCoding::Identity, ContentCoding::Gzip]);
        let found = between(&[before.clone(), after]);
        assert_eq!((found[0].code.as_str(), found[0].arm.as_ref()), ("ETL018", None));
        assert_eq!(found[0].evidence, "before gzip, after gzip and identity");
        assert!(between(&[before.clone(), before, arm("cut", &[])]).is_empty());
    }
}
