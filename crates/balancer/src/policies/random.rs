//! Each request to a replica drawn at random.

use std::ops::Range;

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

    fn pick_each(
        &mut self,
        situation: &Situation<'_>,
        each: Range<u32>,
        _: &[u64],
        picks: &mut Vec<u32>,
    ) {
        let replicas = situation.available.len() as u64;
        picks.extend(each.map(|_| (self.generator.random::<u64>() % replicas) as u32));
    }
}
