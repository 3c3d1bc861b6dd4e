//! `polls-failed`: polls that brought no usable response.

use measure::Verdict;

use crate::evidence::{EvidenceSource, ExchangeFailure, Method, ObservedExchange};
use crate::kind::{FindingKind, Judgement, Severity, shown};
use crate::run::evidence::ArmEvidence;
use crate::view::View;

pub(super) fn kind() -> FindingKind {
    let words = include_str!("polls_failed.toml");
    FindingKind { exchanges: Some(judge), polls: Some(in_run), ..FindingKind::read(words) }
}

/// Exchanges of one way to the target, from the first failure on, after which nothing was answered.
pub(crate) struct End<'a> {
    lane: usize,
    answered: usize,
    failed: Vec<&'a ObservedExchange>,
}

/// Failures at the end that show a server to be down, where it had answered everything before.
pub(crate) fn end<'a>(view: &View<'a>) -> Option<End<'a>> {
    /// Fewer may be an accident, or the experiments of one kind that a server does not bear.
    const LEAST: usize = 4;
    if view.evidence.source != EvidenceSource::Live {
        return None;
    }
    (0..view.evidence.lanes.len()).find_map(|lane| {
        let all = view.evidence.before_writes().iter().filter(|seen| seen.lane == lane);
        let all: Vec<_> = all.collect();
        let answered = all.iter().take_while(|seen| !is_lost(seen)).count();
        let failed = all[answered..].to_vec();
        let first = failed.first()?;
        let is_at_once = breaks(first) && failed.iter().all(|seen| is_lost(seen));
        let others = failed.iter().filter(|seen| way(seen) != way(first)).count();
        // Where a request of the most usual kind fails first, all that follow are others.
        let is_usual = way(first) == (Method::Get, false);
        let is_it = is_at_once && failed.len() >= LEAST && (is_usual || others > 1);
        (is_it && answered >= LEAST).then_some(End { lane, answered, failed })
    })
}

/// Reports whether no server was behind an answer, or no answer came.
fn is_lost(seen: &ObservedExchange) -> bool {
    seen.outcome.as_ref().map_or(true, |answer| (502..=504).contains(&answer.status))
}

/// Reports whether a failure shows a server that breaks off, and none that refuses whoever asks too
/// often: that one says 503, or takes no connection.
fn breaks(seen: &ObservedExchange) -> bool {
    match &seen.outcome {
        Ok(answer) => answer.status != 503,
        Err(failure) => *failure == ExchangeFailure::Cut,
    }
}

fn way(seen: &ObservedExchange) -> (Method, bool) {
    (seen.asked.method, seen.asked.range.is_some())
}

fn judge(view: &View<'_>) -> Option<Judgement> {
    let End { lane, answered, failed } = end(view)?;
    let what = |seen: &ObservedExchange| match &seen.outcome {
        Ok(answer) => format!("status {}", answer.status),
        Err(failure) => failure.to_string(),
    };
    let first = failed.first()?;
    let at = view.evidence.lanes.get(lane).filter(|_| view.evidence.lanes.len() > 1);
    let at = at.map(|lane| format!(" at {}", shown(lane.name.as_bytes()))).unwrap_or_default();
    let title =
        format!("it went down during the check{at}: the last {} requests failed", failed.len());
    let range = first.asked.range.as_ref().map(|it| format!(" with Range: {}", shown(it)));
    let since = format!(
        "{answered} requests were answered before, and none from a {}{} on: {}, and last {}",
        first.asked.method.name(),
        range.clone().unwrap_or_default(),
        what(first),
        what(failed.last()?)
    );
    let crash = "the program may have crashed on that request, or on the one before it, whose answer was \
                 sent already: send both once more to see, and read its log";
    let judgement = Judgement::new(Severity::Bad, 0.9, title).with(since);
    Some(judgement.with_all((way(first) != (Method::Get, false)).then_some(crash)))
}

fn in_run(arm: &ArmEvidence<'_>) -> Option<Judgement> {
    let tally = arm.tally;
    let failed = tally.verdicts.of(Verdict::Error);
    let reasons =
        tally.errors_by_reason().into_iter().map(|(reason, count)| format!("{count} × {reason}"));
    (failed > 0).then(|| {
        let title = format!("{failed} of {} polls failed", tally.verdicts.total());
        Judgement::certain(Severity::Bad, title).with(reasons.collect::<Vec<_>>().join(", "))
    })
}

#[cfg(test)]
mod tests {
    use measure::Verdict::{Error, FirstFetch};

    use super::*;
    use crate::Check;
    use crate::fixture::{check, evidence};
    use crate::run::Validator;
    use crate::run::fixture::{self as run, exchange};

    const ANSWERED: &str =
        "20 × -> 200; ETag: \"x\" | hello\n4 × If-None-Match: \"x\" -> 304; ETag: \"x\"\n";

    #[test]
    fn a_server_that_goes_down_during_the_check_is_found() {
        let down = |rest: &str| [ANSWERED, rest].concat();
        let title = "it went down during the check: the last 7 requests failed";
        for rest in [
            "Range: bytes=0-9 -> 502\n6 × -> 502",
            "Range: bytes=0-9 -> cut\n6 × -> late",
            "Range: bytes=0-9 -> 502\nHEAD -> 503\n5 × -> 503",
            "7 × -> 502",
        ] {
            check(&kind(), &down(rest), Some((Severity::Bad, title)));
        }
        let found = Check::of(&evidence(&down("Range: bytes=0-9 -> 502\n6 × -> 502")));
        assert_eq!(found.findings[0].kind.name, "polls-failed");
        let since = "24 requests were answered before, and none from a GET with Range: bytes=0-9 on: \
                     status 502, and last status 502";
        assert_eq!(found.findings[0].evidence[0], since);
        let before = "or on the one before it";
        assert!(found.findings[0].evidence[1].contains(before), "{:?}", found.findings[0]);
        assert!(!found.notes.iter().any(|note| note.contains("some replica")), "{:?}", found.notes);
    }

    #[test]
    fn failures_that_others_explain_are_not() {
        for rest in [
            "6 × -> 502\n-> 200; ETag: \"x\" | hello",
            "2 × -> 502",
            "7 × -> 503",
            "7 × -> 429",
            "7 × -> 500",
            "7 × -> late",
            "7 × Range: bytes=0-9 -> 502",
            "7 × HEAD -> 502",
        ] {
            check(&kind(), &[ANSWERED, rest].concat(), None);
        }
        check(&kind(), "8 × -> 502", None);
    }

    #[test]
    fn failed_polls_are_listed_by_reason() {
        run::check(
            Validator::Tag,
            &[exchange(Error, 1, "", "a")],
            &[("ETL006", Severity::Bad, "1 × response cut short")],
        );
        run::check(Validator::Tag, &[exchange(FirstFetch, 1, "\"x\"", "a")], &[]);
    }
}
