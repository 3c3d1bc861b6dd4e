//! Each request to the next replica in turn.

use std::ops::Range;

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

    fn pick_each(
        &mut self,
        situation: &Situation<'_>,
        each: Range<u32>,
        _: &[u64],
        picks: &mut Vec<u32>,
    ) {
        let replicas = situation.available.len() as u32;
        let mut next = self.next as u32 % replicas;
        // Counted instead of divided: a pick is then a fraction of a nanosecond.
        picks.extend(each.map(|_| {
            let replica = next;
            next = if replica + 1 == replicas { 0 } else { replica + 1 };
            replica
        }));
        self.next = next as usize;
    }
}
