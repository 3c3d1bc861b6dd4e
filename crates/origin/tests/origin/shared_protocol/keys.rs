//! States that the search takes for one have the same future.
//!
//! A search without keys visits some hundred times as many states; here it does, in worlds that
//! are small enough.

use std::collections::{HashMap, HashSet};

use etag_lab_origin::shared_tags::protocol::TagProtocol::{AsPublished, Hardened};

use crate::shared_protocol::model::{Fault, State};
use crate::shared_protocol::world::{Accident, Return, World};

/// Successors of a state: keys of the next ones, with the faults of step and state.
type Future = Vec<(u128, Option<Fault>, Option<Fault>)>;

fn future(state: &State, world: &World, mut visit: impl FnMut(State)) -> Future {
    let mut future = Vec::new();
    state.actions(world, &mut |action| {
        let (next, fault) = state.after(action, world);
        future.push((next.key(), fault, next.fault()));
        visit(next);
    });
    future.sort_unstable();
    future.dedup();
    future
}

fn check(world: &World) {
    let mut known = HashSet::from([State::first()]);
    let mut waiting = vec![State::first()];
    let mut futures = HashMap::new();
    while let Some(state) = waiting.pop() {
        let future = future(&state, world, |next| {
            if known.insert(next) {
                waiting.push(next);
            }
        });
        let same = futures.entry(state.key()).or_insert_with(|| future.clone());
        assert_eq!(*same, future, "{state:?} in {world:?}");
    }
    assert!(futures.len() < known.len(), "no key stands for two states in {world:?}");
}

#[test]
fn states_with_one_key_have_one_future() {
    check(&World::calm(AsPublished).with(&[Accident::WriterDies]));
    let ours = World::calm(Hardened);
    check(&World { writers: 1, ..ours }.with(&[Accident::LeaseTooShort]));
    let alone = World { clients: 1, ..ours };
    check(&alone.with(&[Accident::WritersOverlap, Accident::StoreStops(Return::EmptyWithGrace)]));
    check(&World { writers: 1, ..alone }.with(&[Accident::StoreStops(Return::Old)]));
}
