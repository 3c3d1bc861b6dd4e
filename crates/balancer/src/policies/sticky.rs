//! Each client to a replica of its own, as balancers with session affinity do.

use crate::catalogue::{Entry, Pins};
use crate::policy::{Policy, Situation};

/// The entry of this policy.
pub(super) const ENTRY: Entry = Entry {
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
