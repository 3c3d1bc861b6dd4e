//! What arithmetic says about an arm before it runs.
//!
//! Plays the same schedule against the same strategy and the same balancing policy in virtual
//! time: the strategy's own code is given modelled facts, the policy's own code picks. No socket,
//! no process, no clock. So the prediction holds for counters that collide and for mtimes that
//! happen to agree, which a rule of thumb per strategy would miss.

mod modelled;
mod play;
mod spread;
mod tags;
#[cfg(test)]
mod tests;
mod through_edge;
mod world;

use crate::editions::Editions;
use crate::timeline::Timeline;
use scenario::{Cadence, Change, Resource, Setup};
use tags::Tags;

/// Virtual polls that a prediction may cost in all, and the number of its runs.
const MOST_POLLS: u64 = 4_000_000;
const MOST_RUNS: u64 = 100;
const FEWEST_RUNS: u64 = 4;
/// Virtual runs that all agree without chance having a say.
const ENOUGH: usize = 20;
/// Bytes of content that a prediction may read in processes whose hash functions are seeded.
const MOST_SEEDED_BYTES: usize = 32 << 20;

/// The expected share of conditional requests answered 304.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prediction {
    /// In `0.0..=1.0`.
    pub(crate) ratio: f64,
    /// Where chance plays: the range that holds 99.9 of 100 runs.
    pub(crate) interval: Option<[f64; 2]>,
}

/// What is predicted.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) strategy: &'static strategies::Entry,
    pub(crate) policy: &'static balancer::PolicyEntry,
    pub(crate) setup: &'a Setup,
    pub(crate) resource: &'a Resource,
    pub(crate) changes: &'a [Change],
    pub(crate) timeline: &'a Timeline,
    pub(crate) editions: &'a Editions,
    pub(crate) seed: u64,
}

impl Case<'_> {
    /// `None` when no request would be conditional, when the run is too long to play, or when it
    /// depends on what is not modelled.
    pub(crate) fn predict(&self) -> Option<Prediction> {
        let polls = self.setup.polls.get();
        if polls * FEWEST_RUNS > MOST_POLLS * 2 || !self.is_modelled() {
            return None;
        }
        let tags = Tags::new(self.strategy, self.editions, self.setup.deploy_drift);
        let seeded = self.is_seeded();
        if seeded && ENOUGH * self.content_bytes() > MOST_SEEDED_BYTES {
            return None;
        }
        let runs = if self.setup.cadence != Cadence::Lockstep || self.policy.random {
            (MOST_POLLS / polls).clamp(FEWEST_RUNS, MOST_RUNS)
        } else if seeded {
            ENOUGH as u64
        } else {
            let ratio = self.play(self.seed, &tags)?;
            return Some(Prediction { ratio, interval: None });
        };
        let ratios: Option<Vec<_>> =
            (1..=runs).map(|run| self.play(self.seed.wrapping_add(run), &tags)).collect();
        Some(spread::expectation(&ratios?, polls))
    }
}
