//! Each request to the next replica in turn.

use crate::policy::{Pins, Policy, PolicyEntry, Situation};

pub(super) const ENTRY: PolicyEntry = PolicyEntry {
    name: "round-robin",
    summary: "Each request to the next available replica in turn.",
    pins: Pins::Nothing,
    random: false,
    make: |_seed| Box::new(RoundRobin { next: 0 }),
};

struct RoundRobin {
    next: usize,
}

impl Policy for RoundRobin {
    fn pick(&mut self, situation: &Situation<'_>) -> usize {
        let replica = situation.first_available_from(self.next);
        self.next = replica + 1;
        replica
    }
}
