//! The law of merging: the sum of the shards of a schedule is what one process would have counted, in
//! any order and in any grouping.

use std::time::Duration;

use etag_lab_measure::record::ArmRecord;
use etag_lab_measure::{
    ContentCoding, ErrorReason, Exchange, ExchangeBytes, Resume, Tally, Unmergeable, Verdict,
};
use proptest::collection::vec;
use proptest::prelude::*;
use truth::{Content, ContentId, ReplicaId};

/// One poll, as a test describes it.
#[derive(Clone, Debug)]
struct Poll {
    client: u32,
    round: u32,
    verdict: Verdict,
    replica: Option<u32>,
    tag: Option<u8>,
    content: u8,
    edition: Option<u32>,
    coding: ContentCoding,
    octets: u64,
    micros: u64,
}

fn poll() -> impl Strategy<Value = Poll> {
    let codings = [ContentCoding::Identity, ContentCoding::Gzip, ContentCoding::Other];
    let who = (0..12_u32, 0..400_u32, 0..Verdict::ALL.len(), proptest::option::of(1..4_u32));
    let what = (proptest::option::of(0..4_u8), 0..3_u8, proptest::option::of(0..3_u32), 0..3_usize);
    let cost = (0..10_000_u64, 0..900_000_000_u64);
    (who, what, cost).prop_map(move |(who, what, (octets, micros))| {
        let ((client, round, verdict, replica), (tag, content, edition, coding)) = (who, what);
        let verdict = Verdict::ALL[verdict];
        let coding = codings[coding];
        Poll { client, round, verdict, replica, tag, content, edition, coding, octets, micros }
    })
}

fn count<'a>(polls: impl IntoIterator<Item = &'a Poll>) -> Tally {
    let mut tally = Tally::default();
    for poll in polls {
        let reasons = [ErrorReason::Cut, ErrorReason::Status(503), ErrorReason::Tls("refused")];
        let id = ContentId::of(&[poll.content]);
        // Half of them are no UTF-8.
        let tag = poll.tag.map(|tag| vec![b'"', 0x7e + tag, b'"']);
        tally.record(&Exchange {
            round: poll.round,
            verdict: poll.verdict,
            error: (poll.verdict == Verdict::Error).then(|| reasons[poll.content as usize]),
            conditional: poll.octets % 2 == 0,
            resource: poll.client % 2,
            replica: poll.replica.map(ReplicaId),
            entity_tag: tag.as_deref(),
            tagged_content: (poll.octets % 3 > 0).then_some(id),
            coding: poll.coding,
            bytes: ExchangeBytes {
                request: 100,
                response_fields: 200,
                response_content: poll.octets,
                instrumentation: 20,
            },
            latency: Some(Duration::from_micros(poll.micros)),
        });
        if let Some(edition) = poll.edition {
            tally.record_state(poll.client % 2, Content { id, edition: Some(edition) });
        }
        if poll.octets % 7 == 0 {
            tally.record_resume((poll.octets % 2 == 0).then_some(Resume::Partial), 1);
        }
        tally.paused += u64::from(poll.octets % 11 == 0);
    }
    tally
}

/// The record as it is written to a file and read again.
fn record(tally: &Tally) -> ArmRecord {
    let record = ArmRecord { editions: tally.edition_records(), ..tally.to_record() };
    let text = serde_json::to_string(&record).expect("a record is plain data");
    serde_json::from_str(&text).expect("what was written is read")
}

fn merged<'a>(records: impl IntoIterator<Item = &'a ArmRecord>) -> ArmRecord {
    let mut sum = Tally::of_record(&record(&Tally::default())).expect("a record of ours");
    for record in records {
        sum.merge(&Tally::of_record(record).expect("a record of ours"));
    }
    record(&sum)
}

fn shards(polls: &[Poll], total: u32) -> Vec<ArmRecord> {
    let of = |part| polls.iter().filter(move |poll| poll.client % total == part);
    (0..total).map(|part| record(&count(of(part)))).collect()
}

/// Without what depends on the order of the polls: which of the shards knows.
fn counts(record: ArmRecord) -> ArmRecord {
    ArmRecord { contents_in_turn: 0, ..record }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn shards_add_up_to_the_whole_in_any_order(
        (polls, total, order) in (vec(poll(), 0..200), 1..9_u32)
            .prop_flat_map(|(polls, total)| {
                let order: Vec<u32> = (0..total).collect();
                (Just(polls), Just(total), Just(order).prop_shuffle())
            })
    ) {
        let shards = shards(&polls, total);
        let whole = merged([&record(&count(&polls))]);
        let sum = merged(order.iter().map(|part| &shards[*part as usize]));
        prop_assert_eq!(counts(sum), counts(whole.clone()));
        // Reading back loses nothing but the order in which tags appeared.
        let direct = record(&count(&polls));
        prop_assert_eq!(whole.latency_histograms, direct.latency_histograms);
        prop_assert_eq!(whole.bytes, direct.bytes);
        prop_assert_eq!(whole.rounds, direct.rounds);
        prop_assert_eq!(whole.verdicts, direct.verdicts);
        prop_assert_eq!(whole.errors, direct.errors);
        prop_assert_eq!(whole.codings, direct.codings);
        prop_assert_eq!(whole.tags_for_same_content, direct.tags_for_same_content);
        prop_assert_eq!(whole.contents_for_same_tag, direct.contents_for_same_tag);
        prop_assert_eq!(whole.contents_for_same_edition, direct.contents_for_same_edition);
        prop_assert_eq!(whole.codings_for_same_strong_tag, direct.codings_for_same_strong_tag);
    }

    #[test]
    fn merging_is_associative(polls in vec(poll(), 0..120)) {
        let shards = shards(&polls, 3);
        let left = merged([&merged(&shards[..2]), &shards[2]]);
        let right = merged([&shards[0], &merged(&shards[1..])]);
        prop_assert_eq!(left, right);
    }
}

#[test]
fn a_record_with_quantiles_alone_is_refused_with_the_reason() {
    let old = ArmRecord { latency_histograms: None, ..Tally::default().to_record() };
    assert_eq!(Tally::of_record(&old).err(), Some(Unmergeable::NoHistograms));
}

#[test]
fn counts_that_no_run_reaches_are_refused() {
    let arm = || record(&count(&[]));
    let check = |arm: ArmRecord, field| {
        assert_eq!(Tally::of_record(&arm).err(), Some(Unmergeable::Malformed(field)));
    };
    check(ArmRecord { elapsed_s: Some(1e300), ..arm() }, "elapsed_s");
    check(ArmRecord { polls: 1, ..arm() }, "polls");
    let mut many = arm();
    many.bytes.responses = 1 << 60;
    check(many, "bytes");
    let mut more = arm();
    more.counts.not_modified = 1;
    check(more, "not_modified");
}
