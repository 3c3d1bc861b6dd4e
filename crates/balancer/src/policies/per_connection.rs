//! Each inbound connection to one replica, as a layer-4 balancer does.

use crate::policy::{Pins, Policy, PolicyEntry, Situation};

/// The entry of this policy.
///
/// A layer-4 balancer would cut the connection when its replica goes away. Here its requests go
/// elsewhere and come back, so that the bug which pinning hides is the only thing to be seen.
pub(super) const ENTRY: PolicyEntry = PolicyEntry {
    name: "per-connection",
    summary: "Each connection to the next replica in turn, for all of its requests.",
    pins: Pins::Connection,
    random: false,
    make: |_seed| Box::new(PerConnection),
};

struct PerConnection;

impl Policy for PerConnection {
    fn pick(&mut self, situation: &Situation<'_>) -> usize {
        situation.pinned_by(situation.connection)
    }
}
