//! Polls that the model makes in a second, on one core.

use std::time::{Duration, SystemTime};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use model::{Editions, outcome_of};
use scenario::{Flags, Scenario};

/// A moment after every date of the contents.
const NOW: Duration = Duration::from_secs(1_790_000_000);

fn polls(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("model");
    group.sample_size(10);
    for (name, flags) in [
        ("lock-step", &[("policy", "round-robin")][..]),
        ("random choice", &[("policy", "random")]),
        ("open loop", &[("cadence", "open-loop"), ("jitter", "20%")]),
    ] {
        let load = [("clients", "1000000"), ("polls", "100"), ("replicas", "3")];
        let flags = load.iter().chain(flags);
        let flags = flags.fold(Flags::default(), |all, (name, value)| all.with(name, value));
        let scenario = Scenario::load(Some("all-200s"), &flags).expect("a sound scenario");
        let (arm, editions) = (&scenario.arms[0], Editions::of(&scenario));
        group.throughput(Throughput::Elements(arm.setup.polls.get()));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            let now = SystemTime::UNIX_EPOCH + NOW;
            bencher.iter(|| outcome_of(&scenario, arm, &editions, now, true));
        });
    }
    group.finish();
}

criterion_group!(benches, polls);
criterion_main!(benches);
