//! State of one logical client between polls: a value of a few dozen bytes.
//!
//! Not a task and not a connection, so that a million of them are possible. Sends nothing.

use std::rc::Rc;
use std::time::Duration;

use measure::{ContentCoding, Resume};
use truth::Content;

use crate::conditions::{self, RecentConditions};
use crate::freshness::{ArrivalTime, Lifetime};
use crate::habit::Habit;
use crate::judge::Judgement;
use crate::load::Caching;
use crate::poll_interval::ServerPace;
use crate::response::PollResponse;
use crate::resume::RestRequest;

/// One client's stored response, reduced to the facts that revalidation needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Poller {
    /// The field lines that make its request conditional, ready to be sent.
    conditions: Option<Rc<[u8]>>,
    pub(crate) held: Option<Content>,
    /// Freshness of the stored response; `None` where clients do not honour it.
    lifetime: Option<Box<Lifetime>>,
    /// Coding in which the stored content came.
    pub(crate) coding: ContentCoding,
    /// Changes that had reached every replica when this client last polled.
    pub(crate) changes_seen: u32,
    pub(crate) pace: ServerPace,
    /// Time of the last response that brought or confirmed the stored content, in microseconds of
    /// the run.
    confirmed_us: u64,
    /// True if polls have failed since.
    failing: bool,
}

impl Poller {
    pub(crate) fn conditions(&self) -> &[u8] {
        self.conditions.as_deref().unwrap_or_default()
    }

    /// True if the stored response may be used without asking at `clock`.
    pub(crate) fn is_fresh(&self, clock: Duration) -> bool {
        self.lifetime.as_ref().is_some_and(|lifetime| lifetime.is_fresh(clock))
    }

    /// Stores a response, or the confirmation of the stored one; `moment` is its arrival.
    pub(crate) fn store(
        &mut self,
        judgement: &Judgement,
        response: &PollResponse<'_>,
        rest: Option<RestRequest>,
        caching: &Caching,
        recent: &mut RecentConditions,
        moment: impl FnOnce() -> ArrivalTime,
    ) {
        // After a false 304 the client holds what it had, which is how the lab counts it as stale.
        let not_modified = judgement.verdict.is_not_modified();
        self.held = judgement.held;
        match (judgement.resume, rest) {
            // Neither a 304 without validator nor one with another validator changes the stored one
            // (RFC 9111 §4.3.4).
            _ if not_modified => {}
            // A 206 need not repeat the fields of the response that it completes.
            (Some(Resume::Partial), Some(rest)) => {
                (self.coding, self.conditions) = (rest.coding, rest.conditions);
            }
            _ => {
                self.coding = response.coding;
                self.conditions = recent.of(response, caching.validators());
            }
        }
        if caching.habit == Habit::CacheFirst {
            // Whatever Cache-Control says: the store of a program is none of HTTP's.
            self.lifetime.get_or_insert_default().never_end();
        } else if caching.honour_freshness {
            let guesses = caching.habit == Habit::Heuristic;
            self.note_lifetime(not_modified, response, moment(), guesses);
        }
    }

    fn note_lifetime(
        &mut self,
        not_modified: bool,
        response: &PollResponse<'_>,
        moment: ArrivalTime,
        guesses: bool,
    ) {
        let carried = Lifetime::read(response.head);
        if !not_modified {
            if carried.may_be_stored() {
                **self.lifetime.get_or_insert_default() = carried.starting(moment, guesses);
            } else {
                self.forget();
            }
        } else if conditions::identify(self.conditions(), response.entity_tag, response.head)
            && let Some(stored) = &mut self.lifetime
        {
            **stored = stored.renewed_by(&carried, moment, guesses);
        }
    }

    /// Notes a response at `at`; returns the time for which the client had used an unconfirmed
    /// content because polls failed, if they did.
    pub(crate) fn confirm(&mut self, at: Duration) -> Option<Duration> {
        let unconfirmed = self.failing.then(|| self.unconfirmed(at));
        // A run does not last for half a million years.
        (self.confirmed_us, self.failing) = (at.as_micros() as u64, false);
        unconfirmed
    }

    /// Keeps the stored content although a poll has failed at `at`; returns the time since it was
    /// last confirmed.
    pub(crate) fn keep_unconfirmed(&mut self, at: Duration) -> Duration {
        self.failing = true;
        self.unconfirmed(at)
    }

    /// Forgets the stored response, and with it all that would revalidate it.
    pub(crate) fn forget(&mut self) {
        (self.conditions, self.held, self.lifetime, self.failing) = (None, None, None, false);
    }

    /// Takes out all that depends on the clock of a virtual run, in which the last poll was at zero:
    /// the time for which the stored response is fresh, and that for which the server wants no poll.
    pub(crate) fn take_waits(&mut self) -> (Duration, Duration) {
        self.failing = false;
        let fresh = self.lifetime.as_mut().map(|lifetime| lifetime.take_until());
        let held_back = match self.pace {
            ServerPace::NotBefore(until) => {
                self.pace = ServerPace::Own;
                until
            }
            ServerPace::Own | ServerPace::Stopped { .. } => Duration::ZERO,
        };
        (fresh.unwrap_or_default(), held_back)
    }

    fn unconfirmed(&self, at: Duration) -> Duration {
        at.saturating_sub(Duration::from_micros(self.confirmed_us))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poller_at_rest_is_within_its_budget() {
        assert!(size_of::<Poller>() <= 72, "{}", size_of::<Poller>());
    }
}
