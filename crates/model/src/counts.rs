//! Polls by class and by bucket of rounds, until they are handed over to a tally.
//!
//! In an open loop polls of neighbouring rounds alternate, so that several buckets are open at a time.

use std::collections::VecDeque;

use crate::automaton::{Automaton, Class};

/// Buckets in which a tally keeps rounds.
const BUCKETS: u32 = 128;
/// Counters of one class, used in turn: to add to the same one again waits for the addition before.
pub(crate) const LANES: usize = 4;

/// Counters of each class.
pub(crate) type Lanes = Vec<[u64; LANES]>;

pub(crate) struct Counts {
    /// Rounds of a bucket are 2 to this power.
    doublings: u32,
    /// Rounds in all.
    rounds: u32,
    /// Number of the first bucket that is open.
    first: u32,
    open: VecDeque<Lanes>,
}

impl Counts {
    /// Counts of so many rounds; `each` keeps every round for itself.
    pub(crate) fn new(rounds: u32, each: bool) -> Self {
        let width = if each { 1 } else { rounds.div_ceil(BUCKETS).next_power_of_two() };
        Self { doublings: width.trailing_zeros(), rounds, first: 0, open: VecDeque::new() }
    }

    /// Counts one poll of this class.
    pub(crate) fn add(&mut self, class: Class, round: u32) {
        let lanes = self.of_round(round);
        if lanes.len() <= class as usize {
            lanes.resize(class as usize + 1, [0; LANES]);
        }
        lanes[class as usize][0] += 1;
    }

    /// The counters of the bucket of this round.
    pub(crate) fn of_round(&mut self, round: u32) -> &mut Lanes {
        let index = ((round >> self.doublings) - self.first) as usize;
        if self.open.len() <= index {
            self.open.resize_with(index + 1, Vec::new);
        }
        &mut self.open[index]
    }

    /// First round after the bucket of this one.
    pub(crate) fn end_of(&self, round: u32) -> u32 {
        let next = (u64::from(round >> self.doublings) + 1) << self.doublings;
        u32::try_from(next).map_or(self.rounds, |next| next.min(self.rounds))
    }

    /// Hands over the buckets of all rounds before this one.
    pub(crate) fn hand_over(&mut self, before: u32, to: &mut Automaton) {
        while self.first < before >> self.doublings
            && let Some(lanes) = self.open.pop_front()
        {
            let last = self.end_of(self.first << self.doublings) - 1;
            let classes: Vec<u64> = lanes.iter().map(|lanes| lanes.iter().sum()).collect();
            to.count(last, &classes);
            self.first += 1;
        }
    }

    /// Hands over all that is left.
    pub(crate) fn finish(&mut self, to: &mut Automaton) {
        // Beyond the last bucket, whichever that is.
        self.hand_over(u32::MAX, to);
    }
}
