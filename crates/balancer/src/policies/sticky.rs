//! Each client to a replica of its own, as balancers with session affinity do.

use crate::policy::{Pins, Policy, PolicyEntry, Situation};

pub(super) const ENTRY: PolicyEntry = PolicyEntry {
    name: "sticky",
    summary: "Each client to one replica, to another only while its own is away.",
    pins: Pins::Client,
    random: false,
    make: |_seed| Box::new(Sticky),
};

struct Sticky;

impl Policy for Sticky {
    fn pick(&mut self, situation: &Situation<'_>) -> usize {
        situation.pinned_by(situation.client)
    }
}
