//! A poll in the form in which it is counted.

use std::time::Duration;

use measure::{ContentCoding, Exchange, ExchangeBytes, Resume, Verdict};

use super::fetch::FetchResult;
use crate::cadence::Slot;
use crate::connection::Traffic;
use crate::judge::Judgement;
use crate::poller::Poller;
use crate::response::PollResponse;

/// A poll that was sent; `poller` is as it was before the response.
pub(super) fn sent<'a>(
    (slot, resource): (Slot, u32),
    poller: &Poller,
    fetched: &FetchResult,
    response: Option<&PollResponse<'a>>,
    judgement: &Judgement,
    latency: Duration,
) -> Exchange<'a> {
    Exchange {
        round: slot.round,
        verdict: judgement.verdict,
        error: judgement.error,
        conditional: !poller.conditions().is_empty(),
        resource,
        replica: response.and_then(|r| r.declaration).map(|d| d.replica),
        entity_tag: response.and_then(|r| r.entity_tag),
        tagged_content: judgement.tagged_content.map(|content| content.id),
        coding: match (&fetched.rest, judgement.resume) {
            (Some(rest), Some(Resume::Partial)) => rest.coding,
            _ => coding_of(poller, response),
        },
        bytes: fetched.total.into(),
        latency,
    }
}

/// A poll that the stored response answers.
pub(super) fn fresh_hit((slot, resource): (Slot, u32), poller: &Poller) -> Exchange<'static> {
    Exchange {
        round: slot.round,
        verdict: Verdict::FreshHit,
        error: None,
        conditional: false,
        resource,
        replica: None,
        entity_tag: None,
        tagged_content: None,
        coding: poller.coding,
        bytes: ExchangeBytes::default(),
        latency: Duration::ZERO,
    }
}

/// The coding of the content that a response is about: a 304 confirms the stored one.
fn coding_of(poller: &Poller, response: Option<&PollResponse<'_>>) -> ContentCoding {
    match response {
        Some(response) if response.status != 304 => response.coding,
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
