//! Load shape as a value: the order of the polls and their send times.
//!
//! Pure and seeded: the same seed gives the same schedule to every arm. `pacing` waits for the send
//! times.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use rand::seq::SliceRandom as _;
use rand::{Rng as _, RngExt as _};
use rand_pcg::Pcg64Mcg;

/// Layout of all clients' polls in time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cadence {
    /// Strict order, one poll in flight: client 0, 1, 2, …, and again. Reproducible to the byte.
    Lockstep,
    /// A seeded order, as fast as answers come.
    Shuffled,
    /// Every client polls once per interval, whether or not answers come.
    OpenLoop {
        /// Time between two polls of one client.
        interval: Duration,
        /// Share of the interval by which a poll may be early or late, `0.0..=1.0`.
        jitter: f64,
    },
}

impl Cadence {
    /// As it is written in a scenario file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lockstep => "lockstep",
            Self::Shuffled => "shuffled",
            Self::OpenLoop { .. } => "open-loop",
        }
    }
}

/// One poll to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Number of the client, in `0..clients`.
    pub poller: u32,
    /// Number of this client's poll, from 0.
    pub round: u32,
    /// Intended start, since the start of the arm; `None` means as soon as possible.
    pub due: Option<Duration>,
}

/// Number of polls, and their clients.
///
/// Clients poll in rounds. Where the total is no multiple of the clients, only the first clients
/// poll in the last round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounds {
    /// Logical clients; at least 1.
    pub clients: u32,
    /// Polls of all clients together.
    pub polls: u64,
}

impl Rounds {
    /// Rounds in all, the last of them perhaps not full.
    pub fn count(self) -> u32 {
        u32::try_from(self.polls.div_ceil(u64::from(self.clients))).unwrap_or(u32::MAX)
    }

    /// Polls of some of the clients.
    pub fn polls_of(self, share: Share) -> u64 {
        let full = self.polls / u64::from(self.clients);
        let rest = (self.polls % u64::from(self.clients)) as u32;
        full * u64::from(share.count(self.clients)) + u64::from(share.count(rest))
    }

    /// Clients that poll in this round: `0..n`.
    pub fn pollers_in(self, round: u32) -> u32 {
        let before = u64::from(round) * u64::from(self.clients);
        u32::try_from(self.polls.saturating_sub(before).min(self.clients.into()))
            .expect("bounded by the number of clients")
    }
}

/// Some of the clients: those whose number is `first` modulo `step`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Number of the first client.
    pub first: u32,
    /// Number of shares; at least 1.
    pub step: u32,
}

impl Share {
    /// All clients.
    pub const ALL: Self = Self { first: 0, step: 1 };

    /// Number of members among so many.
    pub fn count(self, of: u32) -> u32 {
        of.saturating_sub(self.first).div_ceil(self.step)
    }

    /// The part of this share that has number `part` of `parts`, in turn.
    #[must_use]
    pub fn part(self, part: u32, parts: u32) -> Self {
        Self { first: self.first + self.step * part, step: self.step * parts }
    }

    /// The members among clients `0..end`, in order.
    pub fn members(self, end: u32) -> impl Iterator<Item = u32> {
        (self.first..end).step_by(self.step as usize)
    }
}

/// The clients of one round in lock-step.
pub fn in_order(rounds: Rounds, share: Share, round: u32) -> Vec<u32> {
    share.members(rounds.pollers_in(round)).collect()
}

/// The clients of one round in a seeded order.
pub fn shuffled(rounds: Rounds, share: Share, round: u32, seed: u64) -> Vec<u32> {
    let mut order = in_order(rounds, share, round);
    order.shuffle(&mut keyed(seed, u32::MAX - share.first, round));
    order
}

/// Yields every slot of an open loop in order of its intended start.
#[derive(Debug)]
pub struct OpenLoop {
    rounds: Rounds,
    share: Share,
    interval: Duration,
    jitter: f64,
    seed: u64,
    /// True if any number of clients, the first ones, is spread over the interval.
    for_any: bool,
    /// Slots that are known. Of a million clients only those that jitter may let come before others.
    next: BinaryHeap<Reverse<(Duration, u32, u32)>>,
    /// Client and round of the first slot that is not known, where slots come nearly in their order.
    coming: Option<(u32, u32)>,
    /// True if each slot makes the client's next one known.
    leads_on: bool,
}

impl OpenLoop {
    /// The schedule of some clients, at the times that they have among all.
    pub fn new(rounds: Rounds, share: Share, interval: Duration, jitter: f64, seed: u64) -> Self {
        let schedule = Self { share, jitter, seed, ..Self::empty(rounds, interval) };
        // Beyond half an interval a client's next poll could be due before this one.
        if jitter > 0.5 { schedule.begun() } else { schedule.in_order() }
    }

    /// The schedule of all clients, without chance; the first ones are as far apart as can be, however
    /// many they are, so that further ones may join and the rate stays steady.
    pub fn spread_for_any(rounds: Rounds, interval: Duration) -> Self {
        Self { for_any: true, ..Self::empty(rounds, interval) }.begun()
    }

    fn empty(rounds: Rounds, interval: Duration) -> Self {
        let (share, next) = (Share::ALL, BinaryHeap::new());
        let (jitter, seed) = (0.0, 0);
        let (for_any, coming, leads_on) = (false, None, false);
        Self { rounds, share, interval, jitter, seed, for_any, next, coming, leads_on }
    }

    /// Knows the first slot of every client; each is followed by the client's next one.
    fn begun(mut self) -> Self {
        let first_round = self.share.members(self.rounds.pollers_in(0));
        self.next = first_round.map(|poller| Reverse(self.slot(poller, 0))).collect();
        self.leads_on = true;
        self
    }

    /// Knows no slot before it may be the next.
    fn in_order(mut self) -> Self {
        self.coming = self.first_of(0);
        self
    }

    fn first_of(&self, round: u32) -> Option<(u32, u32)> {
        (self.share.first < self.rounds.pollers_in(round)).then_some((self.share.first, round))
    }

    /// Draws the slots that may be due before the first known one, or at the same time.
    fn draw(&mut self) {
        while let Some((poller, round)) = self.coming {
            let spread = f64::from(round) + spread(self.rounds.clients, poller);
            let earliest = self.interval.mul_f64((spread - self.jitter).max(0.0));
            if self.next.peek().is_some_and(|Reverse((due, _, _))| *due < earliest) {
                return;
            }
            self.next.push(Reverse(self.slot(poller, round)));
            let following = poller.checked_add(self.share.step);
            let in_round = following.filter(|&poller| poller < self.rounds.pollers_in(round));
            self.coming = match in_round {
                Some(poller) => Some((poller, round)),
                None => self.first_of(round + 1),
            };
        }
    }

    fn slot(&self, poller: u32, round: u32) -> (Duration, u32, u32) {
        let intervals = if self.for_any {
            f64::from(round) + halfway(poller)
        } else {
            intervals_until(self.rounds.clients, self.jitter, self.seed, poller, round)
        };
        (self.interval.mul_f64(intervals), poller, round)
    }
}

/// Intervals from the start of an open loop until a poll of one of so many clients is due.
///
/// Clients start evenly spread over the first interval, so that the rate is steady.
#[inline]
pub fn intervals_until(clients: u32, jitter: f64, seed: u64, poller: u32, round: u32) -> f64 {
    let off = jitter * keyed(seed, poller, round).random_range(-1.0..=1.0);
    (f64::from(round) + spread(clients, poller) + off).max(0.0)
}

/// Part of an interval by which a client is behind the first.
#[inline]
fn spread(clients: u32, poller: u32) -> f64 {
    (f64::from(poller) + 0.5) / f64::from(clients)
}

/// The binary digits of a number mirrored at the point (van der Corput): each next one is in the middle of
/// the widest gap that the ones before it have left.
fn halfway(number: u32) -> f64 {
    f64::from(number.reverse_bits()) / (f64::from(u32::MAX) + 1.0)
}

impl Iterator for OpenLoop {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        self.draw();
        let Reverse((due, poller, round)) = self.next.pop()?;
        if self.leads_on && poller < self.rounds.pollers_in(round + 1) {
            self.next.push(Reverse(self.slot(poller, round + 1)));
        }
        Some(Slot { poller, round, due: Some(due) })
    }
}

/// A generator of its own for each (seed, client, round), so that no draw depends on timing.
#[inline]
pub(crate) fn keyed(seed: u64, poller: u32, round: u32) -> Pcg64Mcg {
    let key = (u128::from(seed) << 64) | (u128::from(poller) << 32) | u128::from(round);
    // Keys that differ in one bit must not begin alike: the generator only multiplies.
    let mut random = Pcg64Mcg::new(key.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645));
    random.next_u64();
    random
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_round_holds_what_is_left() {
        let rounds = Rounds { clients: 10, polls: 25 };
        let sizes: Vec<_> = (0..4).map(|round| rounds.pollers_in(round)).collect();
        assert_eq!((rounds.count(), sizes), (3, vec![10, 10, 5, 0]));
    }

    #[test]
    fn the_shares_of_a_shuffled_round_have_every_client_once() {
        let rounds = Rounds { clients: 10, polls: 100 };
        let shares = (0..3).map(|first| Share { first, step: 3 });
        let mut all: Vec<_> = shares.flat_map(|share| shuffled(rounds, share, 0, 1)).collect();
        assert_ne!(all, in_order(rounds, Share::ALL, 0));
        all.sort_unstable();
        assert_eq!(all, in_order(rounds, Share::ALL, 0));
    }

    #[test]
    fn the_same_seed_gives_the_same_order_and_another_seed_another() {
        let order =
            |seed, round| shuffled(Rounds { clients: 50, polls: 500 }, Share::ALL, round, seed);
        assert_eq!(order(7, 3), order(7, 3));
        assert_ne!(order(7, 3), order(8, 3));
        assert_ne!(order(7, 3), order(7, 4));
    }

    #[test]
    fn an_open_loop_is_ordered_steady_and_complete() {
        let rounds = Rounds { clients: 100, polls: 1_050 };
        let slots: Vec<_> =
            OpenLoop::new(rounds, Share::ALL, Duration::from_secs(1), 0.2, 42).collect();
        assert_eq!(slots.len(), 1_050);
        assert!(slots.is_sorted_by_key(|slot| slot.due));
        let in_third_second = slots
            .iter()
            .filter(|slot| slot.due.is_some_and(|due| (2..3).contains(&due.as_secs())))
            .count();
        assert!((80..=120).contains(&in_third_second), "{in_third_second}");
        let again: Vec<_> =
            OpenLoop::new(rounds, Share::ALL, Duration::from_secs(1), 0.2, 42).collect();
        assert_eq!(slots, again);
    }

    /// All polls of a schedule, sorted: whoever knows them all at once needs no order to draw them in.
    fn sorted(
        rounds: Rounds,
        share: Share,
        interval: Duration,
        jitter: f64,
        seed: u64,
    ) -> Vec<Slot> {
        let of_round = |round| {
            let members = share.members(rounds.pollers_in(round));
            members.map(move |poller| {
                let intervals = intervals_until(rounds.clients, jitter, seed, poller, round);
                Slot { poller, round, due: Some(interval.mul_f64(intervals)) }
            })
        };
        let mut all: Vec<_> = (0..rounds.count()).flat_map(of_round).collect();
        all.sort_by_key(|slot| (slot.due, slot.poller, slot.round));
        all
    }

    #[test]
    fn slots_that_are_drawn_late_come_in_the_order_of_all() {
        for (clients, polls) in [(1, 5), (7, 7), (100, 1_050), (1_000, 2_500)] {
            for jitter in [0.0, 0.01, 0.3, 0.5] {
                for share in [Share::ALL, Share { first: 2, step: 3 }, Share { first: 9, step: 10 }]
                {
                    let rounds = Rounds { clients, polls };
                    let interval = Duration::from_micros(70);
                    let slots: Vec<_> = OpenLoop::new(rounds, share, interval, jitter, 7).collect();
                    assert_eq!(slots, sorted(rounds, share, interval, jitter, 7), "{jitter}");
                }
            }
        }
    }

    #[test]
    fn a_schedule_without_jitter_knows_one_client_at_a_time() {
        let rounds = Rounds { clients: 1_000, polls: 3_000 };
        let mut slots = OpenLoop::new(rounds, Share::ALL, Duration::from_secs(1), 0.0, 1);
        while slots.next().is_some() {
            assert!(slots.next.len() <= 1, "{}", slots.next.len());
        }
    }

    #[test]
    fn any_number_of_clients_is_spread_evenly_in_a_schedule_for_any() {
        let rounds = Rounds { clients: 64, polls: 640 };
        let slots: Vec<_> = OpenLoop::spread_for_any(rounds, Duration::from_secs(1)).collect();
        assert_eq!((slots.len(), slots.is_sorted_by_key(|slot| slot.due)), (640, true));
        for clients in [1, 3, 10, 17, 64] {
            let of_first = slots.iter().filter(|slot| slot.poller < clients);
            let due: Vec<_> = of_first.filter_map(|slot| slot.due).collect();
            let widest = due
                .windows(2)
                .map(|pair| pair[1].saturating_sub(pair[0]))
                .max()
                .unwrap_or_default();
            assert!(widest.as_secs_f64() <= 2.0 / f64::from(clients), "{clients}: {widest:?}");
        }
    }

    #[test]
    fn the_parts_of_a_schedule_are_the_whole_for_any_number_of_parts() {
        for (clients, polls, parts) in [(100, 1_050, 3), (7, 20, 7), (5, 23, 9), (1, 4, 2)] {
            let rounds = Rounds { clients, polls };
            let share = |first| Share { first, step: parts };
            let slots = |share| OpenLoop::new(rounds, share, Duration::from_secs(1), 0.3, 7);
            let mut all: Vec<_> = (0..parts).flat_map(|part| slots(share(part))).collect();
            all.sort_by_key(|slot| (slot.due, slot.poller));
            let mut whole: Vec<_> = slots(Share::ALL).collect();
            whole.sort_by_key(|slot| (slot.due, slot.poller));
            assert_eq!(all, whole);
            let of_parts = |part| (rounds.polls_of(share(part)), slots(share(part)).count() as u64);
            assert!((0..parts).map(of_parts).all(|(planned, made)| planned == made));
        }
    }

    #[test]
    fn a_part_of_a_part_is_the_share_of_a_connection() {
        let part = Share { first: 1, step: 3 };
        let members: Vec<_> = part.part(1, 2).members(20).collect();
        assert_eq!((members, part.part(1, 2).count(20)), (vec![4, 10, 16], 3));
        assert_eq!(part.count(1), 0);
    }

    #[test]
    fn a_partial_round_keeps_the_rate() {
        let rounds = Rounds { clients: 1_000, polls: 600 };
        let last = OpenLoop::new(rounds, Share::ALL, Duration::from_secs(10), 0.0, 1).last();
        assert!(last.and_then(|slot| slot.due).is_some_and(|due| due < Duration::from_secs(6)));
    }
}
