//! `content-changing`: content changed while looking.

mod token;

use measure::Unnumbered;

use super::shared_tag_across_contents::is_emptied;
use crate::contents::{self, Flow};
use crate::evidence::EvidenceSource;
use crate::kind::{FindingKind, Judgement, Severity};
use crate::memory::Recall;
use crate::run::evidence::ArmEvidence;
use crate::view::{Session, View};

pub(super) fn kind() -> FindingKind {
    let words = include_str!("content_changing.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    rolling(view).or_else(|| changing(view))
}

/// Old and new content at once, where an earlier check saw the old one alone.
fn rolling(view: &View<'_>) -> Option<Judgement> {
    let recall = Recall::of(view)?;
    let alternating = recall.rolling()?;
    let title = "the old and the new content alternate: a deployment is under way, or it left a \
                 replica out";
    Some(
        Judgement::new(Severity::Warn, 0.9, title)
            .because("rolling")
            .with(alternating)
            .with_all(recall.lanes_with_the_old())
            .with("check again later with the same --since: a replica that was left out stays"),
    )
}

/// Reports whether no client is likely to hold what is current.
fn is_incessant(view: &View<'_>, count: usize) -> bool {
    let replays = View::tally(&view.by_tag);
    let in_vain = count > 2 && replays.honoured * 2 < replays.total();
    view.evidence.source == EvidenceSource::Live && (count >= INCESSANT || in_vain)
}

/// Contents within a look of some seconds that no deployments explain.
const INCESSANT: usize = 4;

fn changing(view: &View<'_>) -> Option<Judgement> {
    // Compressed copies of another edition are no change, and what a cache has lost is none.
    if contents::goes_with_coding(view) || is_emptied(view) {
        return None;
    }
    let count = view.contents().len();
    let (severity, what, when) = match contents::flow(view) {
        Flow::Steady | Flow::Replicas => return None,
        Flow::EveryResponse if !is_met_again(view, count) => {
            (Severity::Warn, "every response has a content of its own", "")
        }
        // What a cache sent once more has the content of before.
        Flow::EveryResponse => {
            (Severity::Warn, "the content changes all the time", " while looking")
        }
        Flow::Moments if is_incessant(view, count) => {
            (Severity::Warn, "the content changes all the time", " while looking")
        }
        Flow::Moments => (Severity::Info, "the content changed while looking", ""),
    };
    let title = format!("{what}: {count} contents{when}");
    let place = contents::place(view).map(|place| format!("the first two differ {place}"));
    let judgement = Judgement::new(severity, 0.85, title).with_all(place);
    // A token that stands in the content says more than a session that does not.
    let is_told = |session: &Session| session.is_in_content || token::name(view).is_none();
    let session = view.session().filter(|_| contents::flow(view) == Flow::EveryResponse);
    let session = session.filter(is_told);
    Some(match session {
        Some(session) => of_session(judgement, &session),
        None => of_token(judgement, view),
    })
}

/// Token that is new in each response, where the contents differ at one.
fn of_token(judgement: Judgement, view: &View<'_>) -> Judgement {
    let is_each = contents::flow(view) == Flow::EveryResponse;
    let Some(name) = token::name(view).filter(|_| is_each) else { return judgement };
    let replays = View::tally(&view.by_tag);
    let replays =
        (replays.total() > 0).then(|| format!("replays of the tags: {}", replays.got_304()));
    let stands =
        format!("a token stands there ({name}), new in each response: no tag can match again");
    judgement.because("token").with(stands).with_all(replays)
}

/// What a session that each response starts has to do with it.
fn of_session(judgement: Judgement, session: &Session) -> Judgement {
    let name = &session.name;
    let starts = format!("each response starts a session of its own (Set-Cookie: {name})");
    let tells = format!(
        "a client that sends its cookie back may get one content, and 304s: check with -H 'Cookie: \
         {name}=…' to tell"
    );
    if session.is_in_content {
        let stands = format!("{starts}, and its value stands in the content");
        judgement.because("session").with(stands).with(tells)
    } else {
        judgement.with(starts).with(tells)
    }
}

/// Reports whether contents came often enough again to say so.
fn is_met_again(view: &View<'_>, contents: usize) -> bool {
    let is_cached = view.full.iter().any(|seen| seen.is_copy);
    is_cached && view.full.iter().filter(|seen| seen.digests().is_some()).count() > contents
}

/// Only what no client can ever revalidate: that contents change is what most runs are about.
fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let is_new = |it: &Unnumbered<'_>| it.sent() >= 6 && it.is_new_each_time();
    let contents =
        arm.tally.unnumbered().find(is_new).filter(|_| arm.tally.counts.not_modified == 0)?;
    let count = contents.sent();
    let title = format!("every response has a content of its own: {count} contents");
    let place = contents::place_in_run(contents);
    let place = place.map(|place| format!("two of them differ {place}"));
    Some(Judgement::new(Severity::Warn, 0.85, title).with_all(place))
}

#[cfg(test)]
mod tests {
    use measure::Tally;
    use measure::Verdict::{Changed, Unverifiable};
    use measure::record::Severity::Warn;

    use super::*;
    use crate::fixture::{check, check_since, evidence, judge_since};
    use crate::run::fixture::exchange;
    use crate::run::{Validator, of_arm};

    #[test]
    fn contents_that_follow_one_another_are_found() {
        let change = r#"
            4 × -> 200; ETag: "a" | old
            4 × -> 200; ETag: "b" | new
        "#;
        let title = "the content changed while looking: 2 contents";
        check(&kind(), change, Some((Severity::Info, title)));
        let clock: Vec<_> = (0..8).map(|at| format!("-> 200 | at {at}")).collect();
        let title = "every response has a content of its own: 8 contents";
        check(&kind(), &clock.join("\n"), Some((Severity::Warn, title)));
    }

    #[test]
    fn a_token_that_is_new_in_each_response_is_named() {
        let page = |at: usize, name: &str| {
            let sent =
                if at == 0 { String::new() } else { format!("If-None-Match: \"{}\" ", at - 1) };
            format!("{sent}-> 200; ETag: \"{at}\" | <p>hi</p><meta name={name} content={at}{at}>\n")
        };
        let pages = |name| (0..10).map(|at| page(at, name)).collect::<String>();
        let found = judge(&View::of(&evidence(&pages("csrf-token")))).expect("it is found");
        assert_eq!(found.cause, Some("token"));
        let stands =
            "a token stands there (csrf-token), new in each response: no tag can match again";
        assert_eq!(found.evidence[1..], [stands, "replays of the tags: 0 of 9 got a 304"]);
        let other = judge(&View::of(&evidence(&pages("time")))).expect("it is found");
        assert_eq!(other.cause, None);
        // A token in another element is not what differs.
        let beside = judge(&View::of(&evidence(&pages("csrf><i")))).expect("it is found");
        assert_eq!(beside.cause, None);
    }

    #[test]
    fn contents_that_a_cache_sent_once_more_are_no_content_for_each_response() {
        let edition = |at| {
            format!("3 × -> 200; ETag: W/\"x\"; X-Varnish: 3{at} 5; Age: {at} | edition {at}\n")
        };
        let page: String = (0..5).map(edition).collect();
        let title = "the content changes all the time: 5 contents while looking";
        check(&kind(), &page, Some((Warn, title)));
    }

    #[test]
    fn old_and_new_content_in_turns_are_a_deployment_where_an_earlier_check_saw_the_old_one() {
        let then = r#"8 × -> 200; ETag: "a" | old"#;
        let now = r#"
            -> 200; ETag: "a" | old
            -> 200; ETag: "b" | new
        "#;
        let title = "the old and the new content alternate: a deployment is under way, or it left a \
                     replica out";
        check_since(&kind(), then, &now.repeat(4), Some((Warn, title)));
        let judgement = judge_since(&kind(), then, &now.repeat(4)).expect("it is found");
        assert_eq!(judgement.evidence[0], "4 of 8 responses had the content of then");
        // Replicas that differed already are no deployment.
        check_since(&kind(), &now.repeat(4), &now.repeat(4), None);
        check_since(&kind(), then, r#"8 × -> 200; ETag: "b" | new"#, None);
    }

    #[test]
    fn a_replica_that_keeps_the_old_content_shows_by_its_304s() {
        let then = r#"8 × -> 200; ETag: "a" | old"#;
        let now = r#"
            -> 200; ETag: "b" | new
            If-None-Match: "a" -> 304; ETag: "a"
            2 × If-None-Match: "a" -> 200; ETag: "b" | new
            7 × -> 200; ETag: "b" | new
        "#;
        let judgement = judge_since(&kind(), then, now).expect("it is found");
        assert_eq!(judgement.cause, Some("rolling"));
    }

    #[test]
    fn contents_that_come_back_and_one_content_are_not() {
        check(&kind(), "8 × -> 200 | hello", None);
        check(&kind(), &"-> 200 | r1\n-> 200 | r2\n".repeat(4), None);
    }

    #[test]
    fn a_run_in_which_nothing_was_ever_seen_again_is_told_from_one_with_304s() {
        let mut tally = Tally::default();
        for at in 0..8 {
            let content = format!("at {at}");
            let id = truth::ContentId::of(content.as_bytes());
            tally.record(&exchange(Changed, 1, "\"x\"", &content));
            tally.record_state(0, truth::Content { id, edition: None });
        }
        let found = |tally: &Tally| {
            let found = of_arm("poll", ArmEvidence { tally, validator: Validator::Tag });
            found.into_iter().map(|finding| (finding.code, finding.severity)).collect::<Vec<_>>()
        };
        assert!(found(&tally).contains(&(kind().code, Warn)), "{:?}", found(&tally));
        tally.record(&exchange(Unverifiable, 1, "\"x\"", "at 7"));
        assert!(!found(&tally).contains(&(kind().code, Warn)), "{:?}", found(&tally));
    }
}
