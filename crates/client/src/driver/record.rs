//! Counts what a poll came to.

use std::time::Duration;

use measure::{ContentCoding, Exchange, ExchangeBytes, Resume, Verdict};

use super::fetch::Fetched;
use crate::cadence::Slot;
use crate::connection::{Received, Traffic};
use crate::judge::Judged;
use crate::poller::Poller;
use crate::polling::{Reached, Shared};

impl Judged {
    /// The poll as it is counted.
    pub(super) fn exchange<'a>(
        &self,
        slot: Slot,
        resource: u32,
        poller: &Poller,
        fetched: &Fetched,
        received: Option<&Received<'a>>,
        latency: Duration,
    ) -> Exchange<'a> {
        Exchange {
            round: slot.round,
            verdict: self.verdict,
            error: self.error,
            conditional: !poller.conditions().is_empty(),
            resource,
            replica: received.and_then(|r| r.declaration).map(|d| d.replica),
            entity_tag: received.and_then(|r| r.entity_tag),
            tagged_content: self.tagged_content.map(|content| content.id),
            coding: match (&fetched.rest, self.resume) {
                (Some(rest), Some(Resume::Partial)) => rest.coding,
                _ => coding_of(poller, received),
            },
            bytes: fetched.total.into(),
            latency,
        }
    }
}

impl Shared {
    /// Counts a poll that was sent.
    pub(super) fn count(&self, exchange: &Exchange<'_>, judged: &Judged, resumed: bool) {
        let mut tally = self.tally.borrow_mut();
        tally.record(exchange);
        if let Some(declared) = judged.tagged_content {
            tally.record_state(exchange.resource, declared);
        }
        if resumed {
            tally.record_resume(judged.resume);
        }
        self.meter.count(exchange.conditional, exchange.verdict);
    }

    /// Counts a poll due at `clock` that is not made: because the server does not want it, or because
    /// the stored response answers it. `false` for one that is to be made.
    pub(super) fn needs_no_request(
        &self,
        slot: Slot,
        poller: &mut Poller,
        clock: Duration,
        reached: Reached,
    ) -> bool {
        if poller.pace.holds_back(clock, reached.resumes) {
            self.tally.borrow_mut().record_paused();
            self.meter.count_paused();
            return true;
        }
        let fresh = poller.is_fresh(clock);
        if fresh {
            self.count_fresh_hit(slot, poller, reached);
        }
        fresh
    }

    fn count_fresh_hit(&self, slot: Slot, poller: &mut Poller, reached: Reached) {
        let exchange = Exchange {
            round: slot.round,
            verdict: Verdict::FreshHit,
            error: None,
            conditional: false,
            resource: self.target.resource(slot.poller),
            replica: None,
            entity_tag: None,
            tagged_content: None,
            coding: poller.coding,
            bytes: ExchangeBytes::default(),
            latency: Duration::ZERO,
        };
        let mut tally = self.tally.borrow_mut();
        tally.record(&exchange);
        poller.note_change(reached, poller.held, &mut tally);
        self.meter.count(false, Verdict::FreshHit);
    }
}

/// The form of the content that a response speaks of: a 304 confirms what is stored.
fn coding_of(poller: &Poller, received: Option<&Received<'_>>) -> ContentCoding {
    match received {
        Some(received) if received.status != 304 => received.coding,
        _ => poller.coding,
    }
}

impl From<Traffic> for ExchangeBytes {
    fn from(traffic: Traffic) -> Self {
        Self {
            request: traffic.written,
            response_fields: traffic.read - traffic.content,
            response_content: traffic.content,
            instrumentation: traffic.instrumentation,
        }
    }
}
