//! Captures that end with requests with a condition, all of which failed.

use super::{Misanswered, Mishandling, Plain};
use crate::explanation::Placed;

/// Conditions that must have failed: a resource that went away at any moment of so many polls seldom
/// does so just before the first of them.
const ENOUGH: usize = 8;

/// Statuses that come to whoever asks too often, too late, or without leave, and while a server is down.
const OF_OTHERS: [u16; 10] = [401, 403, 407, 408, 410, 425, 429, 502, 503, 504];

/// Answers to conditions that held, if all of these failed in one way, and nothing without one did.
pub(super) fn find<'a>(answered: &[Placed<'a>], plain: &Plain<'a>) -> Vec<Misanswered<'a>> {
    let conditional = || answered.iter().filter(|(_, seen, _)| !seen.asked.is_plain());
    let Some(&(_, _, first)) = conditional().next() else { return Vec::new() };
    let is_error = first.status >= 400 && !OF_OTHERS.contains(&first.status);
    let is_it =
        |(_, seen, answer): &Placed<'_>| answer.status == first.status && plain.holds(&seen.asked);
    let is_full = plain.statuses.iter().all(|status| *status == 200);
    if !(is_error && is_full && conditional().count() >= ENOUGH && conditional().all(is_it)) {
        return Vec::new();
    }
    let one = |&(place, exchange, answer): &Placed<'a>| Misanswered {
        place,
        exchange,
        answer,
        how: if answer.status == 412 {
            Mishandling::PreconditionFailed
        } else {
            Mishandling::Failed
        },
    };
    conditional().map(one).collect()
}
