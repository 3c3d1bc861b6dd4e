//! What it costs to make a tag for 8 KB of content, for each strategy.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use strategies::{FileMetadata, ProcessState, RepresentationFacts, STRATEGIES};

fn tags(criterion: &mut Criterion) {
    let content = origin::content::sample(8_192, 42, 0);
    let encoded = origin::encoded::gzip(&content, 1_700_000_000);
    let file = FileMetadata {
        inode: 1_234_567,
        size_bytes: 8_192,
        modified_ns: 1_700_000_000_123_456_789,
    };
    let process = ProcessState {
        nonce: 0x9c1f_0a77_d2e4_b356,
        started_ns: 1_700_000_000_000_000_000,
        changes_seen: 41,
    };
    let facts = RepresentationFacts {
        content: Some(&content),
        file: Some(file),
        process: Some(process),
        encoded: Some(&encoded),
        revision: Some(7),
        shared_tag: None,
        moment_ns: Some(1_700_000_000_123_456_789),
    };
    for entry in STRATEGIES {
        criterion.bench_function(&format!("tag of 8 KB, {}", entry.name), |bencher| {
            bencher.iter(|| (entry.strategy)(black_box(&facts)));
        });
    }
}

criterion_group!(benches, tags);
criterion_main!(benches);
