//! The moment: first answers of a process that lack the tag, or have another than all later ones.

use std::collections::BTreeSet;

use super::{Placed, RARE};
use crate::evidence::opaque;
use crate::view::FullResponse;

/// Later answers with the tag that a first one needs to be called so.
const LATER: usize = 6;

/// Takes out the first answers of each way and coding that differ from all later ones.
pub(super) fn take<'a>(
    answered: &[Placed<'a>],
    full: &mut Vec<FullResponse<'a>>,
) -> Vec<FullResponse<'a>> {
    let ways: BTreeSet<_> =
        full.iter().map(|seen| (seen.exchange.lane, seen.coding.clone())).collect();
    let of_ways =
        ways.iter().filter_map(|(lane, coding)| of_one_way(answered, full, *lane, coding));
    let (places, later): (Vec<_>, Vec<_>) = of_ways.unzip();
    // Of many addresses each is asked a few times only.
    if later.iter().sum::<usize>() < LATER {
        return Vec::new();
    }
    let early: BTreeSet<usize> = places.into_iter().flatten().collect();
    full.extract_if(.., |seen| early.contains(&seen.place)).collect()
}

/// Places of the early ones, and the number of later ones with the tag.
fn of_one_way(
    answered: &[Placed<'_>],
    full: &[FullResponse<'_>],
    lane: usize,
    coding: &str,
) -> Option<(Vec<usize>, usize)> {
    let is_here = |seen: &&FullResponse<'_>| seen.exchange.lane == lane && seen.coding == coding;
    let here: Vec<_> = full.iter().filter(|seen| is_here(seen) && !seen.is_copy).collect();
    let last = here.last()?;
    let steady = last.tag?;
    let odd: Vec<_> =
        here.iter().filter(|seen| seen.tag.map(opaque) != Some(opaque(steady))).collect();
    let last_odd = odd.last()?;
    let is_one = here.iter().all(|seen| seen.key.is_some() && seen.key == last.key);
    let before = here.iter().filter(|seen| seen.place <= last_odd.place).count();
    let later = (here.len() - before) + replays(answered, lane, steady, last_odd.place);
    // One that stood alone for a while may have been replaced, by a deployment say.
    let is_bare = odd.iter().all(|seen| seen.tag.is_none());
    let is_mixed = odd.len() == 1 || before > odd.len();
    let is_alike = odd.iter().all(|seen| seen.tag.map(opaque) == odd[0].tag.map(opaque));
    let is_first = odd[0].place == here[0].place && is_mixed && is_alike;
    let share = odd.len() as f64 / before as f64;
    // Were they one replica's, they would have come again.
    let by_chance = (1.0 - share).powi(i32::try_from(later).unwrap_or(i32::MAX));
    // What a cache sent once more goes with them.
    let places =
        full.iter().filter(|seen| is_here(seen) && seen.tag.map(opaque) != Some(opaque(steady)));
    (is_one && (is_bare || is_first) && later > 0 && by_chance < RARE)
        .then(|| (places.map(|seen| seen.place).collect(), later))
}

/// 304s to the tag after a place.
fn replays(answered: &[Placed<'_>], lane: usize, tag: &[u8], after: usize) -> usize {
    let honoured = answered.iter().filter(|(place, seen, answer)| {
        *place > after
            && seen.lane == lane
            && answer.status == 304
            && matches!(seen.asked.none_match.as_slice(), [sent] if opaque(sent) == opaque(tag))
    });
    honoured.count()
}
