//! The moment: first answers of a process that lack the tag, or have another than all later ones.

use std::collections::{BTreeMap, BTreeSet};

use super::{Placed, RARE};
use crate::contents;
use crate::evidence::{ObservedRequest, opaque};
use crate::view::{ContentKey, FullResponse};

/// Later answers with the tag that a first one needs to be called so.
const LATER: usize = 6;

/// Coding and content of a response.
type Variant<'v> = (&'v str, Option<ContentKey>);

/// Takes out the first answers of each way that differ from all later ones: those of all codings
/// together, because a process has one first answer, or those of one coding, which may be made late.
pub(super) fn take<'a>(
    answered: &[Placed<'a>],
    full: &mut Vec<FullResponse<'a>>,
) -> Vec<FullResponse<'a>> {
    let ways: BTreeSet<_> = full.iter().map(|seen| seen.exchange.lane).collect();
    let of_ways = ways.into_iter().flat_map(|lane| {
        let of_way = || full.iter().filter(move |seen| seen.exchange.lane == lane);
        let together = Way { answered, here: of_way().collect(), coding: None }.early();
        let codings: BTreeSet<_> = of_way().map(|seen| seen.coding.as_str()).collect();
        let by_coding = |coding: &str| {
            let here = of_way().filter(|seen| seen.coding == coding).collect();
            Way { answered, here, coding: Some(coding) }.early()
        };
        match together {
            Some(together) => vec![together],
            None => codings.into_iter().filter_map(by_coding).collect(),
        }
    });
    let (places, later): (Vec<_>, Vec<_>) = of_ways.unzip();
    // Of many addresses each is asked a few times only.
    if later.iter().sum::<usize>() < LATER {
        return Vec::new();
    }
    let early: BTreeSet<usize> = places.into_iter().flatten().collect();
    full.extract_if(.., |seen| early.contains(&seen.place)).collect()
}

/// Responses by one way, in all codings or in one.
struct Way<'v, 'a> {
    answered: &'v [Placed<'a>],
    /// In the order of their places.
    here: Vec<&'v FullResponse<'a>>,
    coding: Option<&'v str>,
}

impl<'a> Way<'_, 'a> {
    /// Places of the early ones, and the number of later answers that show the tag.
    fn early(&self) -> Option<(Vec<usize>, usize)> {
        let own: Vec<_> = self.here.iter().copied().filter(|seen| !seen.is_copy).collect();
        let (first, last) = (own.first()?, own.last()?);
        // The last of each coding and content: what came before it may be early.
        let steady: BTreeMap<Variant<'_>, Option<&[u8]>> =
            own.iter().map(|seen| (variant(seen), seen.tag.map(opaque))).collect();
        let is_odd = |seen: &&FullResponse<'a>| {
            seen.tag.map(opaque) != steady.get(&variant(seen)).copied().flatten()
        };
        let odd: Vec<_> = own.iter().copied().filter(is_odd).collect();
        let last_odd = odd.last()?;
        let of_odd: BTreeSet<_> = odd.iter().map(|seen| variant(seen)).collect();
        // What has one tag from the beginning shows nothing of two in turns.
        let is_before = |seen: &&&FullResponse<'a>| {
            seen.place <= last_odd.place && of_odd.contains(&variant(seen))
        };
        let before = own.iter().filter(is_before).count();
        let shown: BTreeSet<&[u8]> = steady.values().copied().flatten().collect();
        let after = own.iter().filter(|seen| seen.place > last_odd.place).count();
        let later = after + self.replays(&shown, last_odd.place);
        // One that stood alone for a while may have been replaced, by a deployment say.
        let is_bare = odd.iter().all(|seen| seen.tag.is_none());
        let is_mixed = odd.len() == 1 || before > odd.len();
        let is_first = odd[0].place == first.place && (is_bare || is_mixed && is_alike(&odd));
        // Each coding is made by itself, and the first of them may come late.
        let is_it = is_first || is_bare && self.coding.is_some();
        let share = odd.len() as f64 / before as f64;
        let is_one = last.key == first.key;
        // Were they one replica's, they would have come again: with the content that followed as
        // another tag, the odd one or the usual.
        let again = if is_one { 1.0 - share } else { share.max(1.0 - share) };
        let by_chance = again.powi(i32::try_from(later).unwrap_or(i32::MAX));
        let is_explained = is_it && self.is_of_first_content(&own, &odd);
        // What a cache sent once more goes with them.
        let places = self.here.iter().filter(|seen| is_odd(seen)).map(|seen| seen.place);
        let is_moment = is_explained && !self.is_lost_by_cache();
        (is_moment && steady.values().all(Option::is_some) && later > 0 && by_chance < RARE)
            .then(|| (places.collect(), later))
    }

    /// Reports whether a cache sent an answer without a tag after it had fetched one with a tag.
    fn is_lost_by_cache(&self) -> bool {
        let fetched = self.here.iter().find(|seen| seen.tag.is_some() && !seen.is_stored());
        fetched.is_some_and(|fetched| {
            let mut later = self.here.iter().filter(|seen| seen.place > fetched.place);
            later.any(|seen| seen.tag.is_none() && seen.is_stored() && seen.key == fetched.key)
        })
    }

    /// Reports whether the odd ones belong to the first content, and none came back after another.
    fn is_of_first_content(&self, own: &[&FullResponse<'a>], odd: &[&FullResponse<'a>]) -> bool {
        let first = own[0].key;
        first.is_some()
            && odd.iter().all(|seen| seen.key == first)
            && !contents::comes_back(own.iter().map(|seen| seen.key))
            // One coding has too few answers to tell what followed the change.
            && (self.coding.is_none() || own.iter().all(|seen| seen.key == first))
    }

    /// 304s to one of the tags after a place.
    fn replays(&self, tags: &BTreeSet<&[u8]>, after: usize) -> usize {
        let lane = self.here.first().map(|seen| seen.exchange.lane);
        let accepted =
            self.here.first().and_then(|seen| seen.exchange.asked.accept_encoding.as_deref());
        // Of the tag of one coding the replays of another show nothing.
        let is_of_coding = |asked: &ObservedRequest| {
            self.coding.is_none() || asked.accept_encoding.as_deref() == accepted
        };
        let honoured = self.answered.iter().filter(|(place, seen, answer)| {
            *place > after
                && Some(seen.lane) == lane
                && answer.status == 304
                && is_of_coding(&seen.asked)
                && matches!(seen.asked.none_match.as_slice(), [sent] if tags.contains(opaque(sent)))
        });
        honoured.count()
    }
}

fn variant<'v>(seen: &'v FullResponse<'_>) -> Variant<'v> {
    (&seen.coding, seen.key)
}

/// Reports whether the tags of each coding are one.
fn is_alike(odd: &[&FullResponse<'_>]) -> bool {
    let tags: BTreeSet<_> = odd.iter().map(|seen| (&seen.coding, seen.tag.map(opaque))).collect();
    let codings: BTreeSet<_> = odd.iter().map(|seen| &seen.coding).collect();
    tags.len() == codings.len()
}
