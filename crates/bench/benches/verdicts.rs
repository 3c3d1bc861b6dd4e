//! What it costs to judge one exchange and to record it.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use measure::{ContentCoding, Exchange, ExchangeBytes, Observation, Tally, Verdict, classify};
use truth::{Content, ContentId, ReplicaId};

fn verdicts(criterion: &mut Criterion) {
    let held = Content { id: ContentId::of(b"a"), edition: Some(1) };
    let observed = Observation::NotModified { current: Some(held) };
    criterion.bench_function("verdict on a 304", |bencher| {
        bencher.iter(|| classify(black_box(Some(held)), black_box(observed)));
    });
}

fn records(criterion: &mut Criterion) {
    let exchanges: Vec<_> = (1..=3).map(|replica| exchange(ReplicaId(replica))).collect();
    let mut tally = Tally::default();
    let mut turns = exchanges.iter().cycle();
    criterion.bench_function("record of a 304, three replicas in turn", |bencher| {
        bencher.iter(|| turns.next().map(|exchange| tally.record(black_box(exchange))));
    });
}

fn exchange(replica: ReplicaId) -> Exchange<'static> {
    Exchange {
        round: 1,
        verdict: Verdict::Validated,
        error: None,
        conditional: true,
        resource: 0,
        replica: Some(replica),
        entity_tag: Some(b"\"9c1f0a77d2e4b356\""),
        tagged_content: Some(ContentId::of(b"a")),
        coding: ContentCoding::Identity,
        bytes: ExchangeBytes {
            request: 110,
            response_fields: 190,
            response_content: 0,
            instrumentation: 30,
        },
        latency: Some(Duration::from_micros(700)),
    }
}

criterion_group!(benches, verdicts, records);
criterion_main!(benches);
