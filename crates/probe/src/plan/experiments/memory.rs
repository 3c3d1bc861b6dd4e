//! Experiments that an earlier check calls for: its validators are replayed.

use std::collections::BTreeSet;

use super::{LONGEST_TAG, Limits, Step, ask, plain};
use findings::evidence::{ObservedRequest, opaque};
use findings::memory::Remembered;
use findings::view::View;

/// Validators of the past that are replayed.
const MOST: usize = 3;
/// Replays of each, through a balancer: one that is answered 304 may have met a replica that kept the
/// old content, all of them hardly.
const TIMES: usize = 3;

/// Replays what an earlier check saw and no response carries any more, before anything else.
pub(super) fn replay_earlier(view: &View<'_>, limits: Limits) -> Option<Step> {
    let memory = view.evidence.earlier.as_ref()?;
    // What is replayed counts only between two looks at the content.
    let look = ask(view, limits, limits.lanes.max(1), plain("identity"));
    if look.is_some() {
        return look;
    }
    let seen = memory.last.iter().chain(&memory.older);
    let mut known = BTreeSet::new();
    let gone = seen.filter(|seen| is_gone(view, seen) && known.insert(key(seen)));
    gone.take(MOST).find_map(|seen| replay(view, limits, seen))
}

fn replay(view: &View<'_>, limits: Limits, seen: &Remembered) -> Option<Step> {
    let times = if limits.lanes == 1 { TIMES } else { limits.lanes };
    let asked = plain(&seen.coding);
    let Some(tag) = &seen.tag else {
        let asked = ObservedRequest { modified_since: seen.last_modified.clone(), ..asked };
        return ask(view, limits, times, asked);
    };
    let alone = ObservedRequest { none_match: vec![tag.clone()], ..asked };
    let both = ObservedRequest { modified_since: seen.last_modified.clone(), ..alone.clone() };
    ask(view, limits, times, alone).or_else(|| {
        // As browsers send them: after a rollback the date may decide.
        seen.last_modified.as_ref()?;
        ask(view, limits, times.min(limits.lanes.max(2)), both)
    })
}

/// What a client replays: the tag, or else the date.
fn key(seen: &Remembered) -> &[u8] {
    seen.tag.as_deref().map(opaque).or(seen.last_modified.as_deref()).unwrap_or_default()
}

/// Reports whether it can be sent, and no response carries it: else it is replayed all the same.
fn is_gone(view: &View<'_>, seen: &Remembered) -> bool {
    let is_current = view.full.iter().any(|now| match &seen.tag {
        Some(tag) => now.tag.is_some_and(|own| opaque(own) == opaque(tag)),
        None => now.answer.last_modified() == seen.last_modified.as_deref(),
    });
    seen.coding == "identity" && key(seen).len() <= LONGEST_TAG && !is_current
}
