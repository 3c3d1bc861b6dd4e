//! Tags of one content in the order in which they were met: in turns, one after the other, in clumps.

use std::collections::BTreeSet;

use crate::catalogue::cache_answering::is_stored;
use crate::contents;
use crate::evidence::{ObservedResponse, opaque};
use crate::tag_form::{Cause, Difference};
use crate::view::{Tags, Trial, View};

/// Explanations of a tag that is met seldom, which a check of this length cannot tell apart.
pub(super) const RARE_TAG: &str = "the rarer tag was met seldom, and got no 304 when it was sent back: a replica \
                        that answers seldom, and the first answer of each new process, look the same; \
                        check again at once, and name each with --backend";

/// Reports whether one of two tags is met seldom and never again by those who send it back.
pub(super) fn is_rare(view: &View<'_>, tags: &Tags<'_, '_>) -> bool {
    let mut counted: Vec<_> = tags.iter().map(|(tag, seen)| (seen.len(), *tag)).collect();
    counted.sort_unstable();
    let [(few, rare), (many, usual)] = counted.as_slice() else { return false };
    let replays = |tag: &[u8]| {
        let sent = |trial: &&Trial<'_>| opaque(&trial.asked.none_match[0]) == tag;
        View::tally(view.by_tag.iter().filter(sent))
    };
    let (rare, usual) = (replays(rare), replays(usual));
    let is_never_met = rare.honoured == 0 && rare.total() > 0;
    3 * few <= few + many
        && is_never_met
        && usual.honoured > 1
        && usual.missed <= usual.honoured / 4
}

/// What tags that follow one another in time show.
pub(super) fn in_time(sequence: &[&[u8]]) -> Difference {
    /// Numbers of processes that one server has started lie no farther apart.
    const NEIGHBOURS: u64 = 64;
    /// Answers in which workers of one server would have been met again.
    const LASTING: usize = 40;
    let numbers = numbers_in_order(sequence);
    let is_rising = numbers.is_sorted_by(|one, next| one < next);
    let range = numbers.iter().max().zip(numbers.iter().min()).map(|(most, least)| most - least);
    match (range, is_rising) {
        (Some(_), true) if sequence.len() >= LASTING && are_spans(sequence) => Difference::new(
            Cause::Unknown,
            "a number that rises while the content stays, each in one span of requests and never \
             again: the tag has a lifetime (the clock or a TTL is in it), or it counts more than this \
             content (a revision of the whole database or site)",
        ),
        (Some(_), true) => Difference::new(
            Cause::Unknown,
            "a number that rises while the content stays: it counts more than this content (a \
             revision of the whole database or site, seconds), or names workers of one server",
        ),
        (Some(NEIGHBOURS..), false) | (None, _) => Difference::new(
            Cause::Unknown,
            "the tags follow one another in time, and no two were in use at once for long",
        ),
        (Some(_), false) => Difference::new(
            Cause::Process,
            "neighbouring numbers, and a lower one came after a higher, so that they are no time and \
             no count: process ids, or numbers of workers",
        ),
    }
}

/// Reports whether each tag was met in one span, and not again after another.
fn are_spans(sequence: &[&[u8]]) -> bool {
    let known: BTreeSet<_> = sequence.iter().copied().collect();
    sequence.chunk_by(|one, next| one == next).count() == known.len()
}

/// Explanations of tags that followed one another, where their own numbers tell nothing.
pub(super) fn from_time_to_time(sequence: &[&[u8]]) -> Option<&'static str> {
    if contents::comes_back(sequence.iter()) {
        return Some(
            "tags came back for a while only, as in a deployment; workers of one server that take \
             connections in clumps look the same: check again with another --rate",
        );
    }
    numbers_in_order(sequence).is_empty().then_some(
        "no tag came back after another: it is new from time to time (a restart, a TTL, the time \
         itself), a deployment was under way, or workers of one server take connections in clumps: \
         check again with another --rate",
    )
}

/// Explanation of tags that come in long runs and come back.
pub(super) const IN_CLUMPS: &str = "the tags came in long runs: workers of one server that share a socket take \
                         connections so, and balancers that keep to one replica for a while";

/// Reports whether a tag was met in two long runs, and another in a long run besides: a deployment
/// mixes the old and the new, and has no such runs.
pub(super) fn is_in_clumps(sequence: &[&[u8]]) -> bool {
    let runs = sequence.chunk_by(|one, next| one == next);
    let runs = runs.filter(|run| run.len() >= contents::LONG_RUN);
    contents::comes_back(runs.map(|run| run[0]))
}

/// Reports whether several tags were met again and again, to the end: first answers of processes
/// become fewer.
pub(super) fn is_in_turns(sequence: &[&[u8]]) -> bool {
    const TIMES: usize = 4;
    let late = &sequence[sequence.len() / 2..];
    let count = |of: &[&[u8]], tag: &[u8]| of.iter().filter(|one| **one == tag).count();
    let known: BTreeSet<_> = sequence.iter().copied().collect();
    let is_one = |tag: &&&[u8]| count(sequence, tag) >= TIMES && count(late, tag) * 2 >= TIMES;
    known.iter().filter(is_one).count() > 1
}

/// The number at the end of each tag, behind what all of them begin with.
fn numbers(tags: &[&[u8]]) -> Option<Vec<u64>> {
    let parted = tags.iter().map(|tag| {
        let tag = str::from_utf8(tag).ok()?.trim_matches('"');
        let name = tag.trim_end_matches(|c: char| c.is_ascii_digit());
        Some((name, tag[name.len()..].parse().ok()?))
    });
    let parted: Vec<(&str, u64)> = parted.collect::<Option<_>>()?;
    let is_one = parted.iter().all(|(name, _)| *name == parted[0].0);
    is_one.then(|| parted.into_iter().map(|(_, number)| number).collect())
}

/// The numbers of several tags in the order in which they were first met; empty where they have none.
fn numbers_in_order(sequence: &[&[u8]]) -> Vec<u64> {
    let mut met = BTreeSet::new();
    let firsts: Vec<_> = sequence.iter().filter(|tag| met.insert(**tag)).copied().collect();
    numbers(&firsts).filter(|numbers| numbers.len() > 2).unwrap_or_default()
}

/// Reports whether tags were met in turns, and did not follow one another as in a deployment.
pub(super) fn comes_back(view: &View<'_>, tags: &Tags<'_, '_>) -> bool {
    let sequence = sequence(view, tags);
    contents::comes_back(sequence.iter())
        && (contents::standing(&sequence) > 1 || is_in_clumps(&sequence))
}

/// The tags in the order in which they were met.
pub(super) fn sequence<'a>(view: &View<'_>, tags: &Tags<'_, 'a>) -> Vec<&'a [u8]> {
    let shown = tags.iter().flat_map(|(tag, seen)| seen.iter().map(|seen| (seen.place, *tag)));
    // A replay that met its own replica shows it as well: without these it would seem to be gone.
    let exchanges = view.evidence.observations.iter().enumerate();
    let honoured = exchanges.filter_map(|(place, seen)| {
        let [sent] = seen.asked.none_match.as_slice() else { return None };
        let of_server = |answer: &ObservedResponse| answer.status == 304 && !is_stored(answer);
        let is_304 = seen.outcome.as_ref().is_ok_and(of_server);
        let (tag, _) = tags.get_key_value(opaque(sent)).filter(|_| is_304)?;
        Some((place, *tag))
    });
    let mut sequence: Vec<_> = shown.chain(honoured).collect();
    sequence.sort_unstable();
    sequence.into_iter().map(|(_, tag)| tag).collect()
}
