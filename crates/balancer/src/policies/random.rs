//! Each request to a replica drawn at random.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use crate::policy::{Pins, Policy, PolicyEntry, Situation};

pub(super) const ENTRY: PolicyEntry = PolicyEntry {
    name: "random",
    summary: "Each request to an available replica drawn at random.",
    pins: Pins::Nothing,
    random: true,
    make: |seed| Box::new(Random { generator: Pcg64Mcg::seed_from_u64(seed) }),
};

struct Random {
    generator: Pcg64Mcg,
}

impl Policy for Random {
    fn pick(&mut self, situation: &Situation<'_>) -> usize {
        situation.nth_available(self.generator.random())
    }
}
