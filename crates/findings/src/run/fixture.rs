//! Hand-written polls, to try the findings of a run on.

use measure::record::Severity;
use measure::{ContentCoding, ErrorReason, Exchange, ExchangeBytes, Tally, Verdict, WriteVerdict};
use truth::{ContentId, ReplicaId};

use super::{ArmEvidence, Validator, of_arm};
use crate::kind::FindingKind;

/// Poll with this verdict; it was conditional unless it was the first or had no tag.
pub(crate) fn exchange(
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
        latency: None,
    }
}

/// Tally of these polls.
pub(crate) fn tally(exchanges: &[Exchange<'_>]) -> Tally {
    let mut tally = Tally::default();
    for exchange in exchanges {
        tally.record(exchange);
    }
    tally
}

/// Asserts code, severity and evidence of everything that is found in an arm with these polls.
#[track_caller]
pub(crate) fn check(
    validator: Validator<'_>,
    exchanges: &[Exchange<'_>],
    expected: &[(&str, Severity, &str)],
) {
    let tally = tally(exchanges);
    let found = of_arm("before", ArmEvidence { tally: &tally, validator });
    let found: Vec<_> =
        found.iter().map(|f| (f.code.as_str(), f.severity, f.evidence.as_str())).collect();
    assert_eq!(found, expected);
}

/// Asserts the codes of everything that is found in polls of several codings.
#[track_caller]
pub(crate) fn check_codings(
    exchanges: &[(Verdict, ContentCoding, &'static str)],
    expected: &[&str],
) {
    let with_coding =
        |&(verdict, coding, tag): &(_, _, _)| Exchange { coding, ..exchange(verdict, 1, tag, "a") };
    let tally = tally(&exchanges.iter().map(with_coding).collect::<Vec<_>>());
    let found = of_arm("arm", ArmEvidence { tally: &tally, validator: Validator::Tag });
    let codes: Vec<_> = found.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, expected, "{exchanges:?}");
}

/// Titles of what this kind says about an arm with these writes, beside a poll with this tag.
pub(crate) fn titles_of_writes(
    kind: &FindingKind,
    writes: &[WriteVerdict],
    tag: &'static str,
) -> Vec<String> {
    let mut tally = tally(&[exchange(Verdict::FirstFetch, 1, tag, "a")]);
    for write in writes {
        tally.writes.get_or_insert_default().count(*write);
    }
    let found = of_arm("arm", ArmEvidence { tally: &tally, validator: Validator::Tag });
    found.into_iter().filter(|found| found.code == kind.code).map(|found| found.title).collect()
}
