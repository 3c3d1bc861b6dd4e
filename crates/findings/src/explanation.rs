//! Explanations of a difference between answers, tried before a replica is suspected.
//!
//! The first that holds wins: the *client* (it sends something else than it was given), the
//! *condition* (the answer comes only to requests with a precondition), *what was asked* (it goes with a
//! field of the request), the *moment* (it stands at the beginning only). What one of them explains is
//! set apart, so that no judge takes it for a replica's.

mod client;
mod early;
mod followed;
mod misanswered;

pub(crate) use client::{Mangled, Outdated, client};
pub(crate) use followed::{Followed, LOOKED_AT, named_by_vary};
pub(crate) use misanswered::{Form, Misanswered, Mishandling, common_form};

use crate::evidence::{EvidenceSource, ObservedExchange, ObservedResponse};
use crate::view::FullResponse;

/// Answered exchange, and its place among all.
pub(crate) type Placed<'a> = (usize, &'a ObservedExchange, &'a ObservedResponse);

/// Answers that something else than a replica explains.
#[derive(Default)]
pub(crate) struct Explained<'a> {
    /// Tags that a client sent in another form than it was given them, in the order of their places.
    pub(crate) mangled: Vec<Mangled<'a>>,
    /// Tag that a client goes on sending after it was replaced.
    pub(crate) outdated: Option<Outdated<'a>>,
    /// Answers to a condition that held, which should have been a 304, by their places.
    pub(crate) misanswered: Vec<Misanswered<'a>>,
    /// Field of the requests with which tags or contents go.
    pub(crate) followed: Option<Followed<'a>>,
    /// First answers that differ from all later ones.
    pub(crate) early: Vec<FullResponse<'a>>,
}

impl Explained<'_> {
    /// Reports whether an exchange belongs to what is left, which nothing here explains.
    pub(crate) fn leaves(&self, place: usize, exchange: &ObservedExchange) -> bool {
        self.misanswered.binary_search_by_key(&place, |one| one.place).is_err()
            && self.mangled.binary_search_by_key(&place, |one| one.place).is_err()
            && self.followed.as_ref().is_none_or(|it| it.is_main(exchange))
    }
}

/// Explains what can be, and leaves in `full` what remains; `original` are the answers that no cache
/// sent once more.
pub(crate) fn explain<'a>(
    source: EvidenceSource,
    answered: &[Placed<'a>],
    original: &[Placed<'a>],
    full: &mut Vec<FullResponse<'a>>,
) -> Explained<'a> {
    // A check sends back what it got.
    let of_client = if source == EvidenceSource::Live { &[] } else { answered };
    let mangled = client::mangled(of_client);
    let outdated = client::outdated(of_client, &mangled);
    let misanswered = misanswered::find(source, answered, full);
    full.retain(|seen| misanswered.binary_search_by_key(&seen.place, |one| one.place).is_err());
    let followed = followed::find(answered, full);
    if let Some(followed) = &followed {
        full.retain(|seen| followed.is_main(seen.exchange));
    }
    // The beginning of a capture is not that of a process.
    let is_live = source == EvidenceSource::Live;
    let early = if is_live { early::take(original, full) } else { Vec::new() };
    Explained { mangled, outdated, misanswered, followed, early }
}

/// Chance below which something is not put down to chance.
pub(crate) const RARE: f64 = 0.01;
