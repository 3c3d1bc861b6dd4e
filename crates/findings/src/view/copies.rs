//! Answers that a cache sent once more: they show nothing of a server that was not seen before.

use std::collections::BTreeSet;

use crate::catalogue::cache_answering::{is_stored, sign};
use crate::evidence::ObservedResponse;
use crate::explanation::Placed;
use crate::view::ContentKey;

/// What one stored response shows each time: way, tag, date, and content where it was sent.
type Likeness<'a> = (usize, Option<&'a [u8]>, Option<&'a [u8]>, Option<(String, ContentKey)>);

/// Places of answers that came out of a cache and are like one that was seen before.
pub(super) fn places(placed: &[Placed<'_>]) -> BTreeSet<usize> {
    let mut known = BTreeSet::new();
    let mut dates = BTreeSet::new();
    let mut copies = BTreeSet::new();
    for (place, seen, answer) in placed {
        let date = answer.fields.get("date");
        let validators = (seen.lane, answer.tag(), answer.last_modified(), None);
        let whole = likeness(seen.lane, answer);
        // Of a 304 the validators alone are seen.
        let is_known = known.contains(&whole);
        let is_same_date = dates.contains(&(whole.clone(), date));
        for one in [validators, whole] {
            dates.insert((one.clone(), date));
            known.insert(one);
        }
        // A response that was just fetched carries an age as well, with a date of its own.
        let is_cached = sign(answer).is_some();
        if is_cached && is_known && (is_stored(answer) || is_same_date) {
            copies.insert(*place);
        }
    }
    copies
}

fn likeness(lane: usize, answer: &ObservedResponse) -> Likeness<'_> {
    let key = super::key(answer).filter(|_| answer.status == 200);
    let content = key.map(|key| (answer.coding(), key));
    (lane, answer.tag(), answer.last_modified(), content)
}
