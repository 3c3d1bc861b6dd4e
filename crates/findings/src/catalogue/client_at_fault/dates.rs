//! Dates that a client sends and was not given: made up, or replaced long ago.

use std::collections::BTreeSet;

use semantics::HttpDate;

use super::habits::Seen;
use crate::evidence::ObservedResponse;
use crate::kind::{Judgement, Severity, of_all, shown};
use crate::view::{HABIT, weak_eq};

/// Date as a client sends it: seconds, or octets that are no date.
type Sent<'a> = Result<u64, &'a [u8]>;

fn read(date: &[u8]) -> Sent<'_> {
    HttpDate::parse(date).map(HttpDate::unix_seconds).map_err(|_| date)
}

/// Request with another date than those that came with what the client holds.
struct Stray<'a> {
    place: usize,
    sent: &'a [u8],
    seen: Seen<'a>,
}

/// A client that sends other dates than it was given.
pub(super) fn judge<'a>(seen: &[Seen<'a>]) -> Option<Judgement> {
    let strays = strays(seen);
    let dates: BTreeSet<_> = strays.iter().map(|one| read(one.sent)).collect();
    let (last, first) = (strays.last()?, strays.first()?);
    let carried = |name: &str, seen: &[Seen<'a>]| -> BTreeSet<Sent<'a>> {
        seen.iter().filter_map(|(_, answer)| Some(read(answer.fields.get(name)?))).collect()
    };
    let (before, after) = seen.split_at(first.place);
    let is_old = !dates.is_disjoint(&carried("last-modified", before));
    // Those that are all issued again belong to another replica, or to a content that is back. One of
    // many may be met by chance.
    let is_back = dates.is_subset(&carried("last-modified", after));
    // Without a 200 the only date may be that of what the client has held since before the capture.
    let is_given = seen[..last.place].iter().any(|(_, answer)| answer.status == 200);
    if strays.len() < HABIT || is_back || !(is_given || dates.len() >= HABIT) {
        return None;
    }
    let answer = last.seen.1;
    let (cause, title) = match answer.last_modified() {
        None => ("invented-date", "the client sends a date, and was given a tag and no date"),
        _ if is_old => ("outdated", "the client goes on sending a date that was replaced"),
        _ => ("invented-date", "the client sends dates that it was never given as Last-Modified"),
    };
    let is_of_date = dates.is_subset(&carried("date", seen));
    let of_date = "it is the Date of an answer, the time at which it was sent";
    let beside = "it stands beside the right tag: servers that want both to match answer in full";
    let full = strays.iter().filter(|one| one.seen.1.status == 200).count();
    let (severity, harm) = if full > 0 {
        (Severity::Bad, format!("full 200 all the same: {}", of_all(full, strays.len(), "request")))
    } else {
        let harm = "content with an older date, a rollback say, would not be noticed";
        (Severity::Warn, harm.to_owned())
    };
    let given = shown(answer.last_modified().or(answer.tag()).unwrap_or_default());
    Some(
        Judgement::new(severity, 0.85, title)
            .because(cause)
            .with(format!("sent {}, was given {given}", shown(last.sent)))
            .with_all(is_of_date.then_some(of_date))
            .with_all((!last.seen.0.asked.none_match.is_empty()).then_some(beside))
            .with(harm),
    )
}

fn strays<'a>(seen: &[Seen<'a>]) -> Vec<Stray<'a>> {
    let mut held: Option<BTreeSet<Sent<'_>>> = None;
    let mut strays = Vec::new();
    for (place, &(exchange, answer)) in seen.iter().enumerate() {
        let asked = &exchange.asked;
        // A tag decides, where the server takes it so.
        let is_decided = match asked.none_match.as_slice() {
            [] => false,
            [sent] => answer.status != 200 || !answer.tag().is_some_and(|own| weak_eq(own, sent)),
            _ => true,
        };
        let sent = asked.modified_since.as_deref().filter(|_| !is_decided);
        if let Some(sent) = sent
            && held.as_ref().is_some_and(|held| !held.contains(&read(sent)))
        {
            strays.push(Stray { place, sent, seen: (exchange, answer) });
        }
        match answer.status {
            200 => held = Some(dates(answer)),
            304 => held.get_or_insert_default().extend(dates(answer)),
            _ => {}
        }
    }
    strays
}

/// Dates that a client may send for an answer: its `Last-Modified`, or its `Date` where it has no
/// validator (RFC 9110 §13.1.3).
fn dates(answer: &ObservedResponse) -> BTreeSet<Sent<'_>> {
    let date = || answer.fields.get("date").filter(|_| answer.tag().is_none());
    answer.last_modified().or_else(date).map(read).into_iter().collect()
}
