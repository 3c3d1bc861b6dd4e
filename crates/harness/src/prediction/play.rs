//! One virtual run: the polls of the schedule in the order in which clients would make them.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use client::cadence::{self, OpenLoop, Rounds, Share};
use client::pen::Pen;
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

use super::Case;
use super::tags::Tags;
use super::world::World;
use scenario::Cadence;

impl Case<'_> {
    /// The ratio of one virtual run.
    pub(super) fn play(&self, seed: u64, tags: &Tags<'_>) -> Option<f64> {
        let mut world = World::new(self, tags, seed);
        let rounds = Rounds { clients: self.setup.clients.get(), polls: self.setup.polls.get() };
        match self.setup.cadence {
            Cadence::OpenLoop { interval, jitter } => {
                let schedule = OpenLoop::new(rounds, interval, jitter, seed);
                self.play_open_loop(&mut world, schedule, interval);
            }
            Cadence::Lockstep => {
                for round in 0..rounds.count() {
                    world.reach(round);
                    let now = self.virtual_time(round);
                    for poller in cadence::in_order(rounds, Share::ALL, round) {
                        world.poll(poller, now);
                    }
                }
            }
            Cadence::Shuffled => {
                let end = rounds.count();
                let mut from = 0;
                for round in self.timeline.rounds().into_iter().filter(|&round| round < end) {
                    self.play_shuffled(&mut world, rounds, from..round, seed);
                    world.reach(round);
                    from = round;
                }
                self.play_shuffled(&mut world, rounds, from..end, seed);
            }
        }
        world.ratio()
    }

    /// Polls as they fall due, changes between them.
    fn play_open_loop(&self, world: &mut World<'_>, schedule: OpenLoop, interval: Duration) {
        let mut milestones = self.timeline.rounds().into_iter().peekable();
        for slot in schedule {
            let due = slot.due.unwrap_or_default();
            while let Some(round) = milestones.next_if(|&round| interval * round <= due) {
                world.reach(round);
            }
            world.poll(slot.poller, Duration::ZERO);
        }
    }

    /// Some rounds as the client's drivers would make them, if any poll in flight were as likely
    /// as another to be answered next.
    fn play_shuffled(&self, world: &mut World<'_>, rounds: Rounds, range: Range<u32>, seed: u64) {
        let step = self.setup.connections.get();
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut pen = Pen::new(step as usize, seed, range.start);
        let mut to_make: Vec<VecDeque<(u32, u32)>> = (0..step)
            .map(|first| {
                let share = Share { first, step };
                let round = |round| {
                    let order = cadence::shuffled(rounds, share, round, seed);
                    order.into_iter().map(move |poller| (round, poller))
                };
                range.clone().flat_map(round).collect()
            })
            .collect();
        let mut in_flight = Vec::new();
        let mut fresh = 0..step as usize;
        loop {
            let ready = fresh.next().or_else(|| {
                let answered = random.random_range(0..in_flight.len().max(1));
                (!in_flight.is_empty()).then(|| in_flight.swap_remove(answered))
            });
            let Some(driver) = ready else { return };
            let done = to_make[driver].is_empty();
            let next = if done { pen.leave() } else { pen.enter(driver) };
            if let Some(next) = next
                && let Some((round, poller)) = to_make[next].pop_front()
            {
                world.poll(poller, self.virtual_time(round));
                in_flight.push(next);
            }
        }
    }

    /// Time on the clients' own clock at the start of a round.
    fn virtual_time(&self, round: u32) -> Duration {
        self.setup.caching.round_interval.saturating_mul(round)
    }
}
