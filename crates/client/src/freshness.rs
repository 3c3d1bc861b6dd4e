//! Freshness of one client's stored response, on that client's own clock.
//!
//! The rules of the fields are in `semantics`; this file adds the clock.

use std::time::{Duration, Instant, SystemTime};

use semantics::{FreshnessFields, HttpDate};

use crate::head;

/// The freshness fields of a stored response, and the time at which it goes stale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Lifetime {
    fields: FreshnessFields,
    until: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ArrivalTime {
    /// On the clients' clock, which starts with the run.
    clock: Duration,
    /// By the calendar; unknown where the clients' clock does not show real time.
    calendar: Option<HttpDate>,
    delay: Duration,
}

impl ArrivalTime {
    /// Arrival in virtual time: at once, and all clocks agree.
    pub(crate) fn of_virtual(clock: Duration) -> Self {
        Self { clock, calendar: None, delay: Duration::ZERO }
    }

    /// Now, for a request sent at `sent` in a run that began at `start`.
    pub(crate) fn real(start: Instant, sent: Instant) -> Self {
        let now = Instant::now();
        Self {
            clock: now - start,
            calendar: HttpDate::try_from(SystemTime::now()).ok(),
            delay: now - sent,
        }
    }
}

impl Lifetime {
    /// The freshness fields of this head; the lifetime has not begun.
    pub(crate) fn read(head: &[u8]) -> Self {
        Self { fields: FreshnessFields::read(head::lines(head)), until: Duration::ZERO }
    }

    pub(crate) fn may_be_stored(&self) -> bool {
        self.fields.may_be_stored()
    }

    /// The stored fields after a 304 that carried `newer`. One with `no-store` leaves none of its
    /// own: the stored response is then stale and must be revalidated again.
    pub(crate) fn renewed_by(self, newer: &Self, moment: ArrivalTime, guesses: bool) -> Self {
        if newer.may_be_stored() {
            Self { fields: self.fields.updated_by(newer.fields), ..self }.starting(moment, guesses)
        } else {
            Self { until: Duration::ZERO, ..self }
        }
    }

    /// Begins the lifetime; one that is not named is guessed if this cache does so.
    pub(crate) fn starting(self, moment: ArrivalTime, guesses: bool) -> Self {
        let fresh_for = if guesses {
            self.fields.fresh_for_guessing(moment.calendar, moment.delay)
        } else {
            self.fields.fresh_for(moment.calendar, moment.delay)
        };
        Self { until: moment.clock.saturating_add(fresh_for), ..self }
    }

    /// Makes it fresh for ever.
    pub(crate) fn never_end(&mut self) {
        self.until = Duration::MAX;
    }

    /// Takes the time at which it goes stale out of it.
    pub(crate) fn take_until(&mut self) -> Duration {
        std::mem::take(&mut self.until)
    }

    pub(crate) fn is_fresh(&self, clock: Duration) -> bool {
        clock < self.until
    }
}
