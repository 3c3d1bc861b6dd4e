//! Each request to the replica that is busy with the fewest.

use crate::policy::{Pins, Policy, PolicyEntry, Situation};

pub(super) const ENTRY: PolicyEntry = PolicyEntry {
    name: "least-requests",
    summary: "Each request to the available replica with the fewest under way, in turn among equals.",
    pins: Pins::Nothing,
    random: false,
    make: |_seed| Box::new(LeastRequests { next: 0 }),
};

struct LeastRequests {
    next: usize,
}

impl Policy for LeastRequests {
    // The rotation decides among equals, so that one request at a time behaves like round robin
    // instead of resting on the first replica for ever.
    fn pick(&mut self, situation: &Situation<'_>) -> usize {
        let replicas = situation.available.len();
        let replica = (0..replicas)
            .map(|step| (self.next + step) % replicas)
            .filter(|&replica| situation.available[replica])
            .min_by_key(|&replica| situation.in_flight[replica])
            .unwrap_or(0);
        self.next = replica + 1;
        replica
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_busy_is_picked_and_equals_take_turns() {
        let mut policy = (ENTRY.make)(0);
        let mut pick = |in_flight: [u32; 3]| {
            let available = &[true; 3];
            policy.pick(&Situation { in_flight: &in_flight, available, client: 0, connection: 0 })
        };
        assert_eq!([[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]].map(&mut pick), [0, 1, 2, 0]);
        assert_eq!([[2, 1, 3], [1, 1, 0], [1, 0, 0]].map(&mut pick), [1, 2, 1]);
    }
}
