//! Clocks of servers that differ: two `Date`s in answers of the same moment.

use crate::catalogue::cache_answering::sign;
use crate::evidence::{EvidenceSource, ObservedExchange, ObservedResponse};
use crate::kind::{Judgement, Severity, of_all, shown};
use crate::tag_form::{field_date, span};
use crate::view::View;

/// Answer with the seconds by which its `Date` is ahead of the time since the first request.
struct Dated<'a> {
    ahead: i64,
    at: u64,
    date: &'a [u8],
}

/// Judgement where two clocks run beside each other, more than a minute apart.
pub(super) fn judge(view: &View<'_>) -> Option<Judgement> {
    const TOLERATED: i64 = 60;
    if view.evidence.source != EvidenceSource::Live {
        return None;
    }
    let mut all: Vec<_> = view.answered().chain(view.unusual()).filter_map(dated).collect();
    all.sort_by_key(|one| (one.ahead, one.at));
    let (least, most) = (all.first()?.ahead, all.last()?.ahead);
    let behind: Vec<_> = all.iter().filter(|one| one.ahead <= least + 1).collect();
    let ahead: Vec<_> = all.iter().filter(|one| one.ahead >= most - 1).collect();
    if most - least <= TOLERATED || !is_running(&behind) || !is_running(&ahead) {
        return None;
    }
    let apart = span(&[least as f64, most as f64]);
    let title = format!("the clocks of the servers are {apart} apart");
    let [one, two] = [behind[0].date, ahead[0].date].map(shown);
    let count = of_all(ahead.len(), all.len(), "answer");
    Some(
        Judgement::new(Severity::Warn, 0.95, title)
            .because("skew")
            .with(format!("Date in answers of the same moments: {one}   {two}, the later in {count}"))
            .with(
                "times that are made with such a clock differ as well: Last-Modified, and what caches \
                 reckon as age and lifetime",
            ),
    )
}

fn dated<'a>((seen, answer): (&ObservedExchange, &'a ObservedResponse)) -> Option<Dated<'a>> {
    // What a cache keeps has the Date of its own time.
    if sign(answer).is_some() {
        return None;
    }
    let date = answer.fields.get("date")?;
    let at = seen.at.as_secs();
    let seconds = i64::try_from(field_date(date)?.unix_seconds()).ok()?;
    Some(Dated { ahead: seconds.checked_sub_unsigned(at)?, at, date })
}

/// Reports whether the same distance was kept for some seconds: a stored Date falls behind.
fn is_running(clock: &[&Dated<'_>]) -> bool {
    const SECONDS: u64 = 3;
    let (first, last) =
        (clock.iter().map(|one| one.at).min(), clock.iter().map(|one| one.at).max());
    clock.len() > 2 && first.zip(last).is_some_and(|(first, last)| last >= first + SECONDS)
}

#[cfg(test)]
mod tests {
    use crate::fixture::{check, judge};
    use crate::kind::Severity::Warn;

    use super::super::kind;

    /// One answer each second, with a Date in this hour and second.
    fn answers(hours: &[(usize, usize)]) -> String {
        let one = |(hour, second): &(usize, usize)| {
            format!(
                "-> 200; ETag: \"x\"; Date: Tue, 01 Dec 2026 {hour:02}:12:{second:02} GMT | hello\n"
            )
        };
        hours.iter().map(one).collect()
    }

    #[test]
    fn clocks_that_run_beside_each_other_are_told_from_stored_dates() {
        let turns: Vec<_> = (0..10).map(|at| (if at % 2 == 0 { 3 } else { 6 }, at)).collect();
        let title = "the clocks of the servers are 3 h apart";
        check(&kind(), &answers(&turns), Some((Warn, title)));
        let found =
            judge(&kind(), &crate::fixture::evidence(&answers(&turns))).expect("it is found");
        assert_eq!(found.cause, Some("skew"));
        assert!(
            found.evidence[0].ends_with("the later in 5 of 10 answers"),
            "{:?}",
            found.evidence
        );
        let stored: Vec<_> = (0..10).map(|at| if at % 2 == 0 { (3, 0) } else { (6, at) }).collect();
        check(&kind(), &answers(&stored), None);
        let one: Vec<_> = (0..10).map(|at| (3, at)).collect();
        check(&kind(), &answers(&one), None);
    }
}
