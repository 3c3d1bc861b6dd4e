//! `content-differs-per-replica`: the content itself is node-local.

use measure::Verdict;
use measure::record::Severity;

use crate::contents::{self, Flow};
use crate::evidence::short;
use crate::kind::{Advice, FindingKind, Judgement};
use crate::run::ArmEvidence;
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
    advice: &[Advice::anywhere(
        "take what belongs to the replica out of the representation (send it as a field), sort \
         unordered data, and see that every replica has the same version",
    )],
    section: "RFC 9110 §8.8.1",
    exchanges: Some(judge),
    polls: Some(in_run),
    ..FindingKind::BLANK
};

fn judge(view: &View<'_>) -> Option<Judgement> {
    let tagged = view.full.iter().any(|seen| seen.tag.is_some());
    let reordered = contents::are_reordered(view);
    if contents::flow(view) != Flow::Replicas || (tagged && reordered) {
        return None;
    }
    let all = view.contents();
    let title = format!("{} contents, which come back: replicas differ", all.len());
    let counts = all.iter().take(6).map(|content| {
        let count =
            view.full.iter().filter(|seen| seen.key == Some(ContentKey::Known(*content))).count();
        format!("{} × {count}", short(content))
    });
    let counts = counts.collect::<Vec<_>>().join("   ");
    let mut verdict = Judgement::new(Severity::Bad, 0.9, title).with(format!("sha-256: {counts}"));
    if let Some(place) = contents::place(view) {
        let path = place.path.map(|path| format!(", at {path}")).unwrap_or_default();
        verdict = verdict.with(format!("the first two differ from byte {} on{path}", place.offset));
    }
    if reordered {
        verdict = verdict.with("they hold the same in another order");
    }
    Some(verdict)
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let tally = arm.tally;
    let contents = tally.contents_for_same_edition();
    let felt = tally.verdicts.of(Verdict::NeedlessTransfer) > 0;
    let varied: Vec<_> = tally.contents_of_most_varied_edition().collect();
    (contents > 1).then(|| {
        Judgement::certain(
            if felt { Severity::Bad } else { Severity::Warn },
            format!("the content itself is node-local: one edition has {contents} contents"),
        )
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
