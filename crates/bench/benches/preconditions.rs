//! What it costs to evaluate the preconditions of one request.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use semantics::{Decision, EntityTag, FieldName, Method, RequestFields, Validators, evaluate};

/// A request with one line of If-None-Match.
struct IfNoneMatch(Vec<u8>);

impl RequestFields for IfNoneMatch {
    fn lines(&self, name: FieldName) -> impl Iterator<Item = &[u8]> {
        (name == FieldName::IfNoneMatch).then_some(self.0.as_slice()).into_iter()
    }
}

/// So many tags, of which the last is the current one.
fn request(tags: usize) -> IfNoneMatch {
    let others = (1..tags).map(|n| format!("\"{n:016x}\""));
    let list: Vec<_> = others.chain(["\"9c1f0a77d2e4b356\"".to_owned()]).collect();
    IfNoneMatch(list.join(", ").into_bytes())
}

fn preconditions(criterion: &mut Criterion) {
    let tag = EntityTag::strong("9c1f0a77d2e4b356").expect("no quotes inside");
    let validators = Validators { entity_tag: Some(&tag), last_modified: None };
    for tags in [1, 1_000] {
        let request = request(tags);
        criterion.bench_function(&format!("precondition, {tags} tags"), |bencher| {
            bencher.iter(|| {
                let decision = evaluate(Method::Get, black_box(&request), Some(&validators), None);
                assert_eq!(decision, Decision::NotModified);
            });
        });
    }
}

criterion_group!(benches, preconditions);
criterion_main!(benches);
