//! Exchanges to be counted.

use std::time::Duration;

use truth::{ContentId, ReplicaId};

use super::Tally;
use crate::coding::ContentCoding;
use crate::exchange::{ErrorReason, Exchange, ExchangeBytes};
use crate::verdict::Verdict;

/// A poll with this verdict, about one and the same content.
pub(crate) fn exchange(verdict: Verdict, replica: u32, tag: &str) -> Exchange<'_> {
    Exchange {
        round: 0,
        verdict,
        error: (verdict == Verdict::Error).then_some(ErrorReason::Cut),
        conditional: verdict != Verdict::FirstFetch,
        resource: 0,
        replica: Some(ReplicaId(replica)),
        entity_tag: Some(tag.as_bytes()),
        tagged_content: Some(ContentId::of(b"a")),
        coding: ContentCoding::Identity,
        bytes: ExchangeBytes {
            request: 100,
            response_fields: 200,
            response_content: if verdict.is_not_modified() { 0 } else { 8_192 },
            instrumentation: 20,
        },
        latency: Some(Duration::from_micros(50)),
    }
}

/// All of them counted.
pub(crate) fn tally(exchanges: &[Exchange<'_>]) -> Tally {
    let mut tally = Tally::default();
    for exchange in exchanges {
        tally.record(exchange);
    }
    tally
}
