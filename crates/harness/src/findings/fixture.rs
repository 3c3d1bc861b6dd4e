//! Polls to be judged, and what is found in them.

use std::time::Duration;

use client::Validate;
use measure::record::{FindingRecord, Severity};
use measure::{ContentCoding, ErrorReason, Exchange, ExchangeBytes, Tally, Verdict};
use truth::{ContentId, ReplicaId};

/// A poll of the kind that has this verdict; it revalidated whatever had a tag.
pub(super) fn exchange(
    verdict: Verdict,
    replica: u32,
    tag: &'static str,
    content: &str,
) -> Exchange<'static> {
    Exchange {
        round: 0,
        verdict,
        error: (verdict == Verdict::Error).then_some(ErrorReason::Cut),
        conditional: verdict != Verdict::FirstFetch && !tag.is_empty(),
        resource: 0,
        replica: Some(ReplicaId(replica)),
        entity_tag: (!tag.is_empty()).then_some(tag.as_bytes()),
        tagged_content: Some(ContentId::of(content.as_bytes())),
        coding: ContentCoding::Identity,
        bytes: ExchangeBytes::default(),
        latency: Duration::ZERO,
    }
}

/// What clients that send tags back make of these polls.
#[track_caller]
pub(super) fn check(exchanges: &[Exchange<'_>], expected: &[(&str, Severity, &str)]) {
    check_by(Validate::EntityTag, exchanges, expected);
}

/// What clients that send back `validate` make of these polls.
#[track_caller]
pub(super) fn check_by(
    validate: Validate,
    exchanges: &[Exchange<'_>],
    expected: &[(&str, Severity, &str)],
) {
    let mut tally = Tally::default();
    for exchange in exchanges {
        tally.record(exchange);
    }
    assert_eq!(in_brief(&super::of("before", &tally, validate)), expected);
}

/// Code, severity and evidence.
pub(super) fn in_brief(found: &[FindingRecord]) -> Vec<(&str, Severity, &str)> {
    found.iter().map(|f| (f.code.as_str(), f.severity, f.evidence.as_str())).collect()
}
