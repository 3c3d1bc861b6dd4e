//! Until when one client's stored response is fresh, on the clock that this client goes by.
//!
//! What the fields mean is decided in `semantics`; here is only the clock.

use std::time::{Duration, Instant, SystemTime};

use semantics::{FreshnessFields, HttpDate};

use crate::fields;

/// The fields of a stored response that concern freshness, and when it goes stale.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lifetime {
    fields: FreshnessFields,
    /// On the clients' clock.
    until: Duration,
}

/// When a response came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// On the clients' clock, which starts with the run.
    clock: Duration,
    /// By the calendar; unknown where the clients' clock is not that of the world.
    calendar: Option<HttpDate>,
    /// How long it took.
    delay: Duration,
}

impl Moment {
    /// In virtual time a response comes at once, and the clocks of all agree.
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
    /// What this head says; not yet begun.
    pub(crate) fn read(head: &[u8]) -> Self {
        Self { fields: FreshnessFields::read(fields::lines(head)), until: Duration::ZERO }
    }

    pub(crate) fn may_be_stored(&self) -> bool {
        self.fields.may_be_stored()
    }

    /// What is stored after a 304 that carried `newer`. One with `no-store` leaves none of its
    /// fields behind: what is stored is stale and must be revalidated again.
    pub(crate) fn renewed_by(self, newer: &Self, moment: Moment) -> Self {
        if newer.may_be_stored() {
            Self { fields: self.fields.updated_by(newer.fields), ..self }.starting(moment)
        } else {
            Self { until: Duration::ZERO, ..self }
        }
    }

    /// Begins when the response came.
    pub(crate) fn starting(self, moment: Moment) -> Self {
        let fresh_for = self.fields.fresh_for(moment.calendar, moment.delay);
        Self { until: moment.clock.saturating_add(fresh_for), ..self }
    }

    pub(crate) fn is_fresh(&self, clock: Duration) -> bool {
        clock < self.until
    }
}
