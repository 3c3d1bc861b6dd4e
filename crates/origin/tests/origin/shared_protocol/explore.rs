//! Every order of steps: breadth first, so that the first trace to a fault is a shortest one.
//!
//! States with one key are visited once. Nothing is bounded but the numbers of clients and of changes: clients poll, tags expire, stores
//! stop and answers get lost as often as they like, and the states are finite all the same.

use std::collections::{BTreeMap, HashSet};

use crate::shared_protocol::model::{Action, Fault, State};
use crate::shared_protocol::world::World;

/// Result of exploring a world.
pub(crate) struct Explored {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    /// A shortest way to each fault.
    pub(crate) faults: BTreeMap<Fault, Vec<Action>>,
}

/// Step by which a state was first reached: from the state with this number, if it is not the first.
type Origin = Option<(usize, Action)>;

/// Visits every state that `world` can come to.
pub(crate) fn explore(world: &World) -> Explored {
    let mut search = Search::default();
    search.reach(State::first(), None);
    let mut current = 0;
    while let Some(state) = search.states.get(current).copied() {
        state.actions(world, &mut |action| {
            let (next, fault) = state.after(action, world);
            search.steps += 1;
            for fault in [fault, next.fault()].into_iter().flatten() {
                search.faults.entry(fault).or_insert((current, action));
            }
            search.reach(next, Some((current, action)));
        });
        current += 1;
    }
    search.into_explored()
}

#[derive(Default)]
struct Search {
    known: HashSet<u128>,
    states: Vec<State>,
    origins: Vec<Origin>,
    steps: usize,
    faults: BTreeMap<Fault, (usize, Action)>,
}

impl Search {
    fn reach(&mut self, state: State, origin: Origin) {
        if self.known.insert(state.key()) {
            self.states.push(state);
            self.origins.push(origin);
        }
    }

    fn into_explored(self) -> Explored {
        let trace = |&(state, last): &(usize, Action)| self.trace(state, last);
        let faults = self.faults.iter().map(|(fault, end)| (*fault, trace(end))).collect();
        Explored { states: self.states.len(), steps: self.steps, faults }
    }

    fn trace(&self, mut state: usize, last: Action) -> Vec<Action> {
        let mut actions = vec![last];
        while let Some((before, action)) = self.origins[state] {
            actions.push(action);
            state = before;
        }
        actions.reverse();
        actions
    }
}
