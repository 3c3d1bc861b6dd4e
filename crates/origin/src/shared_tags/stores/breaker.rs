//! Keeps requests from waiting, one after the other, for a store that does not answer.
//!
//! After a failure no reader asks for a [`PAUSE`]; then one asks, and the others go on doing without
//! until that one has an answer. Writers always ask: a change that the store has not heard of, though
//! it could have, would leave an old tag standing for new content.

use std::fmt::Display;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Time for which readers leave a store alone that has failed.
pub const PAUSE: Duration = Duration::from_millis(500);

/// Side that asks a store, and its patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// Can do without an answer.
    Reader,
    /// Asks in any case.
    TagWriter,
}

/// Circuit breaker of one store; logs when it opens and closes.
#[derive(Debug)]
pub(super) struct Breaker {
    name: String,
    /// Time to ask again, since the last failure.
    failed_until: Mutex<Option<Instant>>,
}

impl Breaker {
    pub(super) fn new(name: String) -> Self {
        Self { name, failed_until: Mutex::new(None) }
    }

    /// Returns true if the store may be asked now. One who may ask a failed store is to report
    /// what came of it.
    pub(super) fn allows(&self, asker: Asker, now: Instant) -> bool {
        let mut failed_until = self.failed_until();
        match *failed_until {
            Some(until) if now < until => asker == Asker::TagWriter,
            // One asks; the others go on doing without until that one has an answer.
            Some(_) => {
                *failed_until = Some(now + PAUSE);
                true
            }
            None => true,
        }
    }

    pub(super) fn succeeded(&self) {
        if self.failed_until().take().is_some() {
            tracing::info!(store = self.name, "tag store answers again");
        }
    }

    pub(super) fn failed(&self, now: Instant, problem: &dyn Display) {
        if self.failed_until().replace(now + PAUSE).is_none() {
            tracing::warn!(store = self.name, %problem, "tag store does not answer");
        }
    }

    fn failed_until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.failed_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_failure_one_asks_per_pause_until_it_succeeds() {
        let (breaker, start) = (Breaker::new("store".to_owned()), Instant::now());
        let reader_may_ask = |now| breaker.allows(Asker::Reader, now);
        assert!(reader_may_ask(start) && reader_may_ask(start));
        breaker.failed(start, &"refused");
        assert!(!reader_may_ask(start + PAUSE / 2));
        assert!(breaker.allows(Asker::TagWriter, start + PAUSE / 2), "a writer insists");
        assert!(reader_may_ask(start + PAUSE), "one tries");
        assert!(!reader_may_ask(start + PAUSE), "and the others wait for what comes of it");
        assert!(reader_may_ask(start + 2 * PAUSE), "even if nobody ever hears of that one");
        breaker.succeeded();
        assert!(reader_may_ask(start) && reader_may_ask(start));
    }
}
