//! What the contents themselves show, whatever their validators.

use measure::record::Severity;
use measure::{Tally, Verdict};

use super::Finding;
use super::evidence::tags_by_replica;

/// Replicas make content of their own, so that no tag could agree.
pub(super) fn node_local(tally: &Tally) -> Option<Finding> {
    let contents = tally.contents_for_same_edition();
    if contents < 2 {
        return None;
    }
    let felt = tally.verdicts.of(Verdict::NeedlessTransfer) > 0;
    let varied: Vec<_> = tally.contents_of_most_varied_edition().collect();
    Some(Finding {
        code: "ETL008",
        severity: if felt { Severity::Bad } else { Severity::Warn },
        title: format!("the content itself is node-local: one edition has {contents} contents"),
        evidence: tags_by_replica(tally, |_, content| varied.contains(&content)),
    })
}

/// Clients that had new content got old content again.
pub(super) fn regressed(tally: &Tally) -> Option<Finding> {
    let regressed = tally.verdicts.of(Verdict::Regressed);
    (regressed > 0).then(|| Finding {
        code: "ETL005",
        severity: Severity::Warn,
        title: format!("old and new content served at once: clients went back {regressed} times"),
        evidence: "a rollout reaches the replicas one after the other".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use client::Validate;
    use truth::{Content, ContentId};

    use super::super::fixture::{exchange, in_brief};
    use super::*;

    #[test]
    fn contents_of_its_own_on_each_replica_are_named_and_the_tag_is_not_blamed() {
        let mut tally = Tally::default();
        for (verdict, replica, tag) in
            [(Verdict::FirstFetch, 1, "\"x\""), (Verdict::NeedlessTransfer, 2, "\"y\"")]
        {
            let content = format!("served by r{replica}");
            tally.record(&exchange(verdict, replica, tag, &content));
            let id = ContentId::of(content.as_bytes());
            tally.record_state(0, Content { id, edition: Some(0) });
        }
        let found = super::super::of("before", &tally, Validate::EntityTag);
        assert_eq!(in_brief(&found), [("ETL008", Severity::Bad, "r1 \"x\"   r2 \"y\"")]);
    }
}
