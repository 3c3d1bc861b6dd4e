//! A waiting room that shuffles closed-loop drivers, to keep them from falling into step.
//!
//! Drivers that poll again as soon as they are answered keep their order, and a balancer that
//! picks in turn then gives each the same replica again and again: a shuffled run would show the
//! aliasing that it is meant to break. So some of the drivers that are ready wait in a pen, and
//! each that enters releases one of them, drawn at random.
//!
//! Pure and seeded, so that a model in virtual time draws with the same code; the drivers do the
//! waiting.

use rand::RngExt as _;
use rand_pcg::Pcg64Mcg;

use crate::cadence::keyed;

/// One in so many of the running drivers waits in the pen.
const WAITING_SHARE: usize = 4;
/// Fewest drivers that wait: fewer would not shuffle anything. Always less than all.
const FEWEST_WAITING: usize = 2;

/// Drivers that are ready and wait for their turn.
#[derive(Debug)]
pub struct Pen<T> {
    waiting: Vec<T>,
    drivers: usize,
    random: Pcg64Mcg,
}

impl<T> Pen<T> {
    /// A pen for so many drivers that are to make polls from this round on.
    pub fn new(drivers: usize, seed: u64, round: u32) -> Self {
        Self { waiting: Vec::new(), drivers, random: keyed(seed, u32::MAX, round) }
    }

    /// Adds a driver that is ready; returns the one whose turn it is, perhaps the same.
    pub fn enter(&mut self, driver: T) -> Option<T> {
        self.waiting.push(driver);
        self.release_one()
    }

    /// Removes a driver that has made all its polls; returns the one whose turn it is.
    pub fn leave(&mut self) -> Option<T> {
        self.drivers -= 1;
        self.release_one()
    }

    /// Releases a driver, unless others are running that will: they never all wait.
    fn release_one(&mut self) -> Option<T> {
        (self.waiting.len() > room(self.drivers))
            .then(|| self.waiting.swap_remove(self.random.random_range(0..self.waiting.len())))
    }
}

/// Polls that so many drivers have in flight while none of them is answered.
pub fn in_flight(drivers: usize) -> usize {
    drivers - room(drivers)
}

fn room(drivers: usize) -> usize {
    (drivers / WAITING_SHARE).max(FEWEST_WAITING).min(drivers.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// The drivers in the order of their turns; each makes `times` polls, which end in order.
    fn turns(drivers: usize, times: usize, seed: u64) -> Vec<usize> {
        let mut pen = Pen::new(drivers, seed, 0);
        let mut left = vec![times; drivers];
        let mut turns = Vec::new();
        let mut in_flight: VecDeque<usize> =
            (0..drivers).filter_map(|driver| pen.enter(driver)).collect();
        while let Some(driver) = in_flight.pop_front() {
            turns.push(driver);
            left[driver] -= 1;
            in_flight.extend(if left[driver] == 0 { pen.leave() } else { pen.enter(driver) });
        }
        turns
    }

    #[test]
    fn everybody_has_every_turn_however_few_there_are() {
        for drivers in [1, 2, 3, 12, 64] {
            let turns = turns(drivers, 20, 7);
            for driver in 0..drivers {
                let had = turns.iter().filter(|&&who| who == driver).count();
                assert_eq!(had, 20, "driver {driver} of {drivers}");
            }
        }
    }

    #[test]
    fn so_many_are_under_way_until_one_is_answered() {
        for drivers in [1, 2, 3, 8, 12, 64] {
            let mut pen = Pen::new(drivers, 7, 0);
            let out = (0..drivers).filter_map(|driver| pen.enter(driver)).count();
            assert_eq!(out, in_flight(drivers), "{drivers}");
        }
    }

    #[test]
    fn the_order_is_seeded_and_does_not_repeat_itself() {
        let once = turns(12, 50, 7);
        assert_eq!(once, turns(12, 50, 7));
        assert_ne!(once, turns(12, 50, 8));
        let in_step = once.windows(13).filter(|window| window[0] == window[12]).count();
        assert!(in_step < once.len() / 4, "{in_step} of {}", once.len());
    }
}
