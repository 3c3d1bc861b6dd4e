//! A seeded order, as fast as answers come: any poll in flight is as likely as another to be answered next.

use std::collections::VecDeque;
use std::ops::Range;

use client::cadence::{self, Rounds, Share};
use client::pen::Pen;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::Player;

impl Player<'_> {
    /// All rounds; every poll is before or after what happens between two of them.
    pub(super) fn shuffled(&mut self, rounds: Rounds, seed: u64) {
        let end = rounds.count();
        let mut from = 0;
        for round in self.case.timeline.rounds().into_iter().filter(|&round| round < end) {
            self.shuffled_rounds(rounds, from..round, seed);
            self.reach(round);
            from = round;
        }
        self.shuffled_rounds(rounds, from..end, seed);
    }

    /// Some rounds as the client's drivers would make them.
    fn shuffled_rounds(&mut self, rounds: Rounds, range: Range<u32>, seed: u64) {
        let step = self.case.arm.setup.connections.get();
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut pen = Pen::new(step as usize, seed, range.start);
        let driver = |first| Driver {
            rounds,
            share: Share { first, step },
            seed,
            next: range.clone(),
            round: range.start,
            to_make: VecDeque::new(),
        };
        let mut drivers: Vec<_> = (0..step).map(driver).collect();
        let mut in_flight = Vec::new();
        let mut fresh = 0..step as usize;
        loop {
            let ready = fresh.next().or_else(|| {
                let answered = random.random_range(0..in_flight.len().max(1));
                (!in_flight.is_empty()).then(|| in_flight.swap_remove(answered))
            });
            let Some(driver) = ready else { return };
            let next = if drivers[driver].is_done() { pen.leave() } else { pen.enter(driver) };
            if let Some(next) = next
                && let Some((round, poller)) = drivers[next].take()
            {
                self.poll(poller, round);
                in_flight.push(next);
            }
        }
    }
}

/// Polls that one driver has to make, round by round.
struct Driver {
    rounds: Rounds,
    share: Share,
    seed: u64,
    next: Range<u32>,
    round: u32,
    to_make: VecDeque<u32>,
}

impl Driver {
    fn is_done(&mut self) -> bool {
        while self.to_make.is_empty() {
            let Some(round) = self.next.next() else { return true };
            self.round = round;
            self.to_make = cadence::shuffled(self.rounds, self.share, round, self.seed).into();
        }
        false
    }

    fn take(&mut self) -> Option<(u32, u32)> {
        (!self.is_done()).then_some(())?;
        Some((self.round, self.to_make.pop_front()?))
    }
}
