//! `content-differs-per-replica`: the content itself is node-local.

use measure::{Tally, Unnumbered, Verdict};

use crate::contents::{self, Flow};
use crate::evidence::{Fingerprint, short};
use crate::kind::{FindingKind, Judgement, Severity};
use crate::memory::Recall;
use crate::run::evidence::ArmEvidence;
use crate::run::sightings::tags_by_replica;
use crate::view::{ContentKey, View};

mod variant;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("content_differs_per_replica.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

pub(super) fn judge(view: &View<'_>) -> Option<Judgement> {
    // Where tags follow the order, that is a finding of its own: node-local-tag.
    let reordered = contents::are_reordered(view);
    let is_rolling = Recall::of(view).is_some_and(|recall| recall.rolling().is_some());
    if is_rolling {
        return None;
    }
    if contents::flow(view) != Flow::Replicas || (view.is_tagged() && reordered) {
        return variant::unseen(view);
    }
    let all = view.contents();
    let counts = all.iter().take(6).map(|content| counted(view, content));
    let counts = counts.collect::<Vec<_>>().join("   ");
    let place = contents::place(view).map(|place| format!("the first two differ {place}"));
    let judgement = variant::of(view).unwrap_or_else(|| {
        if is_changing(view) {
            let count = all.len();
            let title =
                format!("{count} contents in turns, which change meanwhile: replicas differ");
            return Judgement::new(Severity::Bad, 0.9, title).because("changing").with(CHANGING);
        }
        let title = format!("{} contents, which come back: replicas differ", all.len());
        Judgement::new(Severity::Bad, 0.9, title)
    });
    Some(
        judgement
            .with(format!("sha-256: {counts}"))
            .with_all(place)
            .with_all(reordered.then_some("they hold the same in another order")),
    )
}

const CHANGING: &str = "the first contents never came again, and the last are new: each replica keeps what \
                        changes for a while (a memo, a cache), or puts something of its own into it";

/// Reports whether contents were replaced, one after the other, while replicas differed.
fn is_changing(view: &View<'_>) -> bool {
    let own = view.full.iter().filter(|seen| !seen.is_copy);
    let sequence: Vec<_> = own.filter_map(|seen| seen.key).collect();
    let (early, late) = sequence.split_at(sequence.len() / 2);
    let met = view.contents();
    let is_over = |it: &Fingerprint| !late.contains(&ContentKey::Known(*it));
    let is_new = |it: &Fingerprint| !early.contains(&ContentKey::Known(*it));
    let replaced = met.iter().filter(|it| is_over(it) || is_new(it)).count();
    // One of many replicas may be met early alone, or late, and few of them are.
    let are_most = replaced * 5 >= met.len() * 3;
    met.len() > 3 && are_most && met.first().is_some_and(is_over) && met.last().is_some_and(is_new)
}

/// The content, and in how many responses it came.
fn counted(view: &View<'_>, content: &Fingerprint) -> String {
    let key = Some(ContentKey::Known(*content));
    let count = view.full.iter().filter(|seen| seen.key == key).count();
    format!("{} × {count}", short(content))
}

pub(super) fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    of_one_edition(arm.tally).or_else(|| in_turn(arm.tally))
}

fn of_one_edition(tally: &Tally) -> Option<Judgement> {
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

/// The end of a title where contents were confirmed and never sent in turns.
const HIDDEN: &str = ", hidden because each client always met the same replica";

/// Contents that take turns, of servers that number no editions.
fn in_turn(tally: &Tally) -> Option<Judgement> {
    let most = |it: &Unnumbered<'_>| (it.sent_in_turn(tally), it.known_in_turn(tally));
    let contents = tally.unnumbered().max_by_key(most)?;
    let (severity, count, hidden) = match most(&contents) {
        (0, 0) => return None,
        (0, known) => (Severity::Warn, known, HIDDEN),
        (sent, _) => (Severity::Bad, sent, ""),
    };
    let place = contents::place_in_run(contents);
    let reordered = place.as_ref().is_some_and(|place| place.reordered);
    let title = format!("{count} contents, which come back: replicas differ{hidden}");
    let returns = format!("{} of {} contents came back", contents.returns(), contents.sent());
    let returns = (severity == Severity::Bad).then(|| format!("{returns} after another"));
    Some(
        Judgement::new(severity, 0.9, title)
            .with_all(place.map(|place| format!("two of them differ {place}")))
            .with_all(reordered.then_some("they hold the same in another order"))
            .with_all(returns),
    )
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{Changed, FirstFetch, NeedlessTransfer};

    use super::*;
    use crate::fixture::{check, check_since, evidence, judge};
    use crate::run::fixture::exchange;
    use crate::run::{Validator, of_arm};

    #[test]
    fn contents_that_change_while_replicas_differ_are_told_so() {
        let line = |letter: char| format!("-> 200; ETag: \"{letter}\" | edition {letter}\n");
        let lines = |met: &str| met.chars().map(line).collect::<String>();
        let found = |met: &str| {
            let found = crate::fixture::judge(&kind(), &crate::fixture::evidence(&lines(met)));
            found.expect("replicas differ").cause
        };
        assert_eq!(found("abababcbcbcbcbcdcdcdcdcdedededef"), Some("changing"));
        assert_eq!(found("abcdabcdabcdabcd"), None);
        assert_eq!(found("abababab"), None);
    }

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
        check(&kind(), fleet, Some((Severity::Bad, title)));
        let judgement = judge(&kind(), &evidence(fleet)).expect("they differ");
        assert_eq!(judgement.evidence[1], "the first two differ from byte 10 on, at $.host");
    }

    #[test]
    fn a_deployment_that_is_under_way_is_not() {
        let now = "-> 200 | old\n-> 200 | new\n".repeat(4);
        let title = "2 contents, which come back: replicas differ";
        check(&kind(), &now, Some((Severity::Bad, title)));
        check_since(&kind(), r#"8 × -> 200; ETag: "a" | old"#, &now, None);
    }

    #[test]
    fn contents_that_follow_one_another_belong_to_moments() {
        let change = r#"
            4 × -> 200; ETag: "a" | old
            4 × -> 200; ETag: "b" | new
        "#;
        check(&kind(), change, None);
    }

    /// Polls of a program that declares nothing, each answered with a content.
    fn polls<'a>(contents: impl IntoIterator<Item = &'a str>) -> Tally {
        let mut tally = Tally::default();
        for content in contents {
            let id = truth::ContentId::of(content.as_bytes());
            tally.record(&exchange(Changed, 1, "\"x\"", content));
            tally.record_state(0, truth::Content { id, edition: None });
            if tally.wants_sample(0) {
                tally.keep_sample(0, id, content.into());
            }
        }
        tally
    }

    fn found_in(tally: &Tally) -> Vec<(String, String)> {
        let found = of_arm("before", ArmEvidence { tally, validator: Validator::Tag });
        found.into_iter().map(|finding| (finding.code, finding.evidence)).collect()
    }

    #[test]
    fn a_start_time_in_the_content_is_located_in_a_run() {
        let replicas = [r#"{"a":1,"started":71}"#, r#"{"a":1,"started":72}"#];
        let found = found_in(&polls(replicas.repeat(10)));
        let evidence = "two of them differ from byte 18 on, at $.started; 18 of 20 contents came \
                        back after another";
        assert_eq!(found, [("ETL008".to_owned(), evidence.to_owned())]);
    }

    #[test]
    fn a_content_that_changes_in_a_run_is_not_one_of_replicas() {
        assert_eq!(found_in(&polls(["old"; 10].into_iter().chain(["new"; 10]))), []);
        let clock: Vec<_> = (0..20).map(|at| format!("at {at}")).collect();
        let found = found_in(&polls(clock.iter().map(String::as_str)));
        assert!(found.iter().all(|(code, _)| code != "ETL008"), "{found:?}");
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
