//! Exchanges that show which replica answered, and the number of replicas that follows.
//!
//! Only exchanges count that would have shown it whoever answered: a replay that gets a 304 tells
//! as much as one that gets another tag. Counting the latter alone would make replicas of nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::contents::{self, Flow};
use crate::evidence::{Connection, opaque};
use crate::replicas::{Estimate, estimate};
use crate::view::{FullResponse, View};

/// An exchange and the replica it met.
struct Draw<'a> {
    /// Its place among all requests: a balancer that takes turns counts every one.
    at: usize,
    /// Mark of the replica; `None` when it is one of those that were met before.
    label: Option<&'a [u8]>,
}

/// Tells replicas apart by whatever differs between them: tags, dates, or contents.
pub(crate) fn replicas(view: &View<'_>) -> Estimate {
    let lanes = view.evidence.lanes.len() as u32;
    if lanes > 0 && view.evidence.lanes.iter().all(|lane| lane.is_backend) {
        return Estimate { low: lanes, high: Some(lanes) };
    }
    let unknown = Estimate { low: lanes.max(1), high: None };
    // What is new in each response is no replica's.
    if matches!(contents::flow(view), Flow::Moments | Flow::EveryResponse) {
        return unknown;
    }
    let kinds = [by_tag(view), by_content(view), by_date(view)];
    // The first of equals: tags are shown most often.
    let told = kinds.iter().rev().max_by_key(|draws| labels(draws).len());
    told.map_or(unknown, |draws| of(draws, unknown))
}

fn of(draws: &[Draw<'_>], unknown: Estimate) -> Estimate {
    let labels = labels(draws);
    let (distinct, all) = (labels.len(), draws.len());
    // What is equal on all replicas does not tell them apart.
    if distinct < 2 {
        return unknown;
    }
    if distinct == all {
        return Estimate { low: 1, high: None };
    }
    // What never comes back belongs to moments: a restart, a TTL, a deployment.
    if !contents::comes_back(draws.iter().filter_map(|draw| draw.label)) {
        return unknown;
    }
    // Nor does what moves on while it is met in turns, such as the seconds of each process.
    if moves_on(draws) {
        return unknown;
    }
    if let Some(round) = round(draws, distinct) {
        // So many repetitions that chance does not look like it.
        let high = (all >= distinct + 6).then_some(round as u32);
        return Estimate { low: distinct as u32, high };
    }
    let estimate = estimate(distinct as u32, all as u32);
    Estimate { high: estimate.high.filter(|_| is_even(&labels)), ..estimate }
}

/// Reports whether each of several labels was met for a short while alone.
fn moves_on(draws: &[Draw<'_>]) -> bool {
    let mut spans: BTreeMap<&[u8], (usize, usize)> = BTreeMap::new();
    for (place, label) in draws.iter().enumerate().filter_map(|(at, one)| Some((at, one.label?))) {
        spans.entry(label).or_insert((place, place)).1 = place;
    }
    let repeated: Vec<_> = spans.values().filter(|(first, last)| first < last).collect();
    repeated.len() > 2 && repeated.iter().all(|(first, last)| 2 * (last - first) < draws.len())
}

fn labels<'a>(draws: &[Draw<'a>]) -> BTreeMap<&'a [u8], usize> {
    let mut labels = BTreeMap::new();
    for label in draws.iter().filter_map(|draw| draw.label) {
        *labels.entry(label).or_default() += 1;
    }
    labels
}

/// Number of replicas that take turns, when each has its own place in rounds of so many requests.
fn round(draws: &[Draw<'_>], distinct: usize) -> Option<usize> {
    // Some of them may have answered nothing that shows them, so that a round may have more places
    // than there are labels.
    (distinct..=distinct + distinct / 2).find(|round| {
        let mut places: BTreeMap<&[u8], BTreeSet<usize>> = BTreeMap::new();
        for draw in draws {
            let Some(label) = draw.label else { continue };
            places.entry(label).or_default().insert(draw.at % round);
        }
        let taken: BTreeSet<_> = places.values().flatten().collect();
        places.values().all(|places| places.len() == 1) && taken.len() == distinct
    })
}

/// Reports whether every replica is met about as often.
fn is_even(labels: &BTreeMap<&[u8], usize>) -> bool {
    // Where one is met seldom, another may never have been met. Pearson's chi-squared, at a level
    // of about 1 %.
    let freedom = labels.len() as f64 - 1.0;
    let expected = labels.values().sum::<usize>() as f64 / labels.len() as f64;
    let squares = labels.values().map(|count| (*count as f64 - expected).powi(2) / expected);
    squares.sum::<f64>() <= freedom + 4.0 * (2.0 * freedom).sqrt()
}

/// Plain requests and replays of tags.
fn by_tag<'a>(view: &View<'a>) -> Vec<Draw<'a>> {
    let each_content = contents::flow(view) == Flow::Replicas;
    let main = view.full.iter().find_map(|seen| seen.key);
    let of_content = |seen: &&FullResponse<'_>| each_content || seen.key == main;
    let known: BTreeSet<&[u8]> = plain(view).filter_map(|seen| seen.tag).map(opaque).collect();
    let mut draws: Vec<_> = plain(view)
        .filter(of_content)
        .filter(|seen| seen.exchange.asked.is_plain() || seen.exchange.asked.is_by_tag())
        .map(|seen| Draw { at: seen.place, label: Some(seen.tag.map_or(b"", opaque)) })
        .collect();
    let replays = view.evidence.before_writes().iter().enumerate().filter(|(_, seen)| {
        seen.outcome.as_ref().is_ok_and(|answer| answer.status == 304)
            && seen.connection == Connection::Fresh
            && seen.asked.is_by_tag()
            && seen.asked.none_match.iter().any(|tag| known.contains(opaque(tag)))
    });
    draws.extend(replays.map(|(at, seen)| {
        let sent = seen.asked.none_match.as_slice();
        // A list says that it is one of these, not which.
        let label = if let [tag] = sent { Some(opaque(tag)) } else { None };
        Draw { at, label }
    }));
    draws.sort_by_key(|draw| draw.at);
    draws
}

fn by_content<'a>(view: &View<'a>) -> Vec<Draw<'a>> {
    // Plain requests alone: a 304 shows no content.
    let looks = plain(view).filter(|seen| seen.exchange.asked.is_plain());
    let known = looks.filter_map(|seen| Some((seen, seen.answer.content.decoded.as_ref()?)));
    known.map(|(seen, it)| Draw { at: seen.place, label: Some(&it.sha256) }).collect()
}

fn by_date<'a>(view: &View<'a>) -> Vec<Draw<'a>> {
    // Plain requests alone: what `If-Modified-Since` matches need not be equal.
    let looks = plain(view).filter(|seen| seen.exchange.asked.is_plain());
    let date = |seen: &FullResponse<'a>| seen.answer.last_modified().unwrap_or_default();
    looks.map(|seen| Draw { at: seen.place, label: Some(date(seen)) }).collect()
}

/// Complete responses without compression on connections of their own.
fn plain<'v, 'a>(view: &'v View<'a>) -> impl Iterator<Item = &'v FullResponse<'a>> {
    let is_fresh = |seen: &FullResponse<'_>| seen.exchange.connection == Connection::Fresh;
    view.full.iter().filter(move |seen| is_fresh(seen) && !seen.is_coded())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Replicas as letters, in the order of requests; a space is one that shows none.
    fn check(met: &str, low: u32, high: Option<u32>) {
        let letters = met.as_bytes().chunks(1).enumerate().filter(|(_, label)| *label != b" ");
        let draws: Vec<_> = letters.map(|(at, label)| Draw { at, label: Some(label) }).collect();
        let unknown = Estimate { low: 1, high: None };
        assert_eq!(of(&draws, unknown), Estimate { low, high }, "{met}");
    }

    #[test]
    fn turns_are_counted_and_what_never_comes_back_is_no_replica() {
        check("abcabcabcabc", 3, Some(3));
        check("abcdeab", 5, None);
        // The third was never met where it would have shown itself.
        check("ab ab ab ab ab ", 2, Some(3));
        check("aaaaaabbbbbb", 1, None);
        check("aaaaaaaaaaaa", 1, None);
        check("abcdefgh", 1, None);
        // Two rows of seconds, three apart.
        check("adadbebecfcfdgdgeheififigjgjhkhkililjmjm", 1, None);
    }

    #[test]
    fn one_that_is_seldom_met_leaves_room_for_others() {
        check("aaaaaaaabaaaaaaaaaaaaaaaaaaaaaa", 2, None);
        check("abbabaabababbbaabababaabbabaab", 2, Some(2));
    }
}
