//! What an arm shows whose tags stand in a store that all replicas share. Such a tag is nobody's
//! own: where the same bytes carry several, the store has had several.

use measure::record::{MissesRecord, Severity, SharedStoreRecord};
use measure::{Tally, Verdict};

use super::Finding;

/// The store has had several tags for one content, one after the other or one for each creator.
pub(super) fn renewed(tally: &Tally, shared: &SharedStoreRecord) -> Option<Finding> {
    let tags = tally.tags_for_same_content();
    let needless = tally.verdicts.of(Verdict::NeedlessTransfer);
    let MissesRecord { key_not_found, resource_changed, .. } = shared.misses;
    // Whoever came without a tag did not miss the old one.
    (tags > 1 && needless > 0 && key_not_found + resource_changed > 0).then(|| Finding {
        code: "ETL040",
        severity: Severity::Warn,
        title: format!("shared tag made anew without a change: the same bytes carry {tags} tags"),
        evidence: format!(
            "{needless} needless 200s; no key in the store: {key_not_found}, another tag in it: \
             {resource_changed}"
        ),
    })
}

/// The store was asked and did not answer.
pub(super) fn store_failed(tally: &Tally, shared: &SharedStoreRecord) -> Option<Finding> {
    let (errors, failed) = (shared.store_errors, tally.verdicts.of(Verdict::Error));
    let instead = match failed {
        0 => "content was sent without a tag instead, and no poll failed".to_owned(),
        _ => format!("{failed} polls failed"),
    };
    (errors > 0).then(|| Finding {
        code: "ETL041",
        severity: Severity::Warn,
        title: format!("the store of tags did not answer {errors} times"),
        evidence: instead,
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{exchange, in_brief};
    use super::super::of_shared;
    use super::*;

    #[track_caller]
    fn check(tags: [&'static str; 2], store_errors: u64, expected: &[(&str, Severity, &str)]) {
        let mut tally = Tally::default();
        tally.record(&exchange(Verdict::FirstFetch, 1, tags[0], "a"));
        tally.record(&exchange(Verdict::NeedlessTransfer, 2, tags[1], "a"));
        tally.record(&exchange(Verdict::Validated, 2, tags[1], "a"));
        let misses = MissesRecord { header_missing: 1, key_not_found: 1, resource_changed: 0 };
        let shared = SharedStoreRecord { misses, store_errors, ..SharedStoreRecord::default() };
        assert_eq!(in_brief(&of_shared("after", &tally, &shared)), expected);
    }

    #[test]
    fn a_tag_that_the_store_lost_is_no_node_local_tag() {
        let evidence = "1 needless 200s; no key in the store: 1, another tag in it: 0";
        check([r#"W/"a""#, r#"W/"b""#], 0, &[("ETL040", Severity::Warn, evidence)]);
    }

    #[test]
    fn a_store_that_did_not_answer_is_named_with_what_came_instead() {
        let evidence = "content was sent without a tag instead, and no poll failed";
        check([r#"W/"a""#, r#"W/"a""#], 7, &[("ETL041", Severity::Warn, evidence)]);
    }
}
