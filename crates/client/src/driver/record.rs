//! Counts what a poll came to.

use std::time::Duration;

use measure::{ContentCoding, Exchange, ExchangeBytes, Resume, Verdict};

use super::fetch::Fetched;
use crate::connection::{Received, Traffic};
use crate::judge::Judged;
use crate::poller::Poller;
use crate::polling::{Reached, Shared};

impl Judged {
    /// The poll as it is counted.
    pub(super) fn exchange<'a>(
        &self,
        round: u32,
        poller: &Poller,
        fetched: &Fetched,
        received: Option<&Received<'a>>,
        latency: Duration,
    ) -> Exchange<'a> {
        Exchange {
            round,
            verdict: self.verdict,
            error: self.error,
            conditional: !poller.conditions().is_empty(),
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
        judged.tagged_content.into_iter().for_each(|declared| tally.record_state(declared));
        if resumed {
            tally.record_resume(judged.resume);
        }
        self.meter.count(exchange.conditional, exchange.verdict);
    }

    /// Counts a poll that the stored response answers.
    pub(super) fn count_fresh_hit(&self, round: u32, poller: &mut Poller, reached: Reached) {
        let exchange = Exchange {
            round,
            verdict: Verdict::FreshHit,
            error: None,
            conditional: false,
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
