//! `content-differs-per-replica`: the content itself is node-local.

use measure::Verdict;

use crate::contents::{self, Flow};
use crate::evidence::short;
use crate::kind::{FindingKind, Judgement, Severity};
use crate::run::evidence::ArmEvidence;
use crate::run::sightings::tags_by_replica;
use crate::view::{ContentKey, View};

pub(super) const KIND: FindingKind = FindingKind {
    code: "ETL008",
    name: "content-differs-per-replica",
    says: "Replicas send different contents for one URL. Honest tags then differ as well, and a \
           client that moves between replicas gets a full 200 each time.",
    experiment: "Contents are decoded and hashed. Contents that come back after others belong to \
                 replicas; contents that follow one another belong to moments (content-changing). \
                 With --backend each replica is asked in turns.",
    limits: "A rolling deployment looks the same while it lasts: run the check again. Content that \
             depends on the client's address, cookies or language is not told apart.",
    causes: "host name, build number, start or generation time embedded in the representation; \
             replicas with different versions or data; unordered data",
    fix: "take what belongs to the replica out of the representation (send it as a field), sort \
          unordered data, and see that every replica has the same version",
    section: "RFC 9110 §8.8.1",
    exchanges: Some(judge),
    polls: Some(in_run),
    ..FindingKind::BLANK
};

fn judge(view: &View<'_>) -> Option<Judgement> {
    // Where tags follow the order, that is a finding of its own: node-local-tag.
    let reordered = contents::are_reordered(view);
    if contents::flow(view) != Flow::Replicas || (view.is_tagged() && reordered) {
        return None;
    }
    let all = view.contents();
    let title = format!("{} contents, which come back: replicas differ", all.len());
    let counts = all.iter().take(6).map(|content| {
        let key = Some(ContentKey::Known(*content));
        let count = view.full.iter().filter(|seen| seen.key == key).count();
        format!("{} × {count}", short(content))
    });
    let counts = counts.collect::<Vec<_>>().join("   ");
    let place = contents::place(view).map(|place| format!("the first two differ {place}"));
    Some(
        Judgement::new(Severity::Bad, 0.9, title)
            .with(format!("sha-256: {counts}"))
            .with_all(place)
            .with_all(reordered.then_some("they hold the same in another order")),
    )
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let tally = arm.tally;
    let contents = tally.contents_for_same_edition();
    let felt = tally.verdicts.of(Verdict::NeedlessTransfer) > 0;
    let severity = if felt { Severity::Bad } else { Severity::Warn };
    let varied: Vec<_> = tally.contents_of_most_varied_edition().collect();
    (contents > 1).then(|| {
        let title =
            format!("the content itself is node-local: one edition has {contents} contents");
        Judgement::certain(severity, title)
            .with(tags_by_replica(tally, |_, content| varied.contains(&content)))
    })
}

#[cfg(test)]
mod tests {
    use measure::Tally;
    use measure::Verdict::{FirstFetch, NeedlessTransfer};

    use super::*;
    use crate::fixture::{check, evidence, judge};
    use crate::run::fixture::exchange;
    use crate::run::{Validator, of_arm};

    #[test]
    fn contents_that_come_back_belong_to_replicas() {
        let fleet = r#"
            -> 200; ETag: "a" | {"host":"r1"}
            -> 200; ETag: "b" | {"host":"r2"}
            -> 200; ETag: "a" | {"host":"r1"}
            -> 200; ETag: "b" | {"host":"r2"}
            -> 200; ETag: "a" | {"host":"r1"}
            -> 200; ETag: "b" | {"host":"r2"}
        "#;
        let title = "2 contents, which come back: replicas differ";
        check(&KIND, fleet, Some((Severity::Bad, title)));
        let judgement = judge(&KIND, &evidence(fleet)).expect("they differ");
        assert_eq!(judgement.evidence[1], "the first two differ from byte 10 on, at $.host");
    }

    #[test]
    fn contents_that_follow_one_another_belong_to_moments() {
        let change = r#"
            4 × -> 200; ETag: "a" | old
            4 × -> 200; ETag: "b" | new
        "#;
        check(&KIND, change, None);
    }

    #[test]
    fn runs_name_it_and_do_not_blame_the_tag() {
        let mut tally = Tally::default();
        for (verdict, replica, tag) in [(FirstFetch, 1, "\"x\""), (NeedlessTransfer, 2, "\"y\"")] {
            let content = format!("served by r{replica}");
            tally.record(&exchange(verdict, replica, tag, &content));
            let id = truth::ContentId::of(content.as_bytes());
            tally.record_state(0, truth::Content { id, edition: Some(0) });
        }
        let found = of_arm("before", ArmEvidence { tally: &tally, validator: Validator::Tag });
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].code.as_str(), found[0].evidence.as_str()),
            ("ETL008", "r1 \"x\"   r2 \"y\"")
        );
    }
}
