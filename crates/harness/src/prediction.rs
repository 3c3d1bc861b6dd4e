//! The 304 rate of an arm by arithmetic, without running it.
//!
//! Plays the same schedule against the same strategy and the same balancing policy in virtual
//! time: the strategy's own code is given modelled facts, the policy's own code picks. No socket,
//! no process, no clock. So the prediction holds for counters that collide and for mtimes that
//! happen to agree, which a rule of thumb per strategy would miss.
//! A prediction that differs from the measurement points at a fault in either.

mod modelled;
mod play;
mod spread;
mod tags;
#[cfg(test)]
mod tests;
mod through_edge;
mod world;

use std::time::SystemTime;

use scenario::{Arm, Cadence, Change, Resource, Scenario, Setup};

use crate::editions::Editions;
use crate::stage::strategy_of;
use crate::timeline::{FleetStep, Timeline};
use tags::Tags;

/// Limit of virtual polls in one prediction.
const MOST_POLLS: u64 = 4_000_000;
/// Virtual runs of one prediction in which chance plays.
const MOST_RUNS: u64 = 100;
const FEWEST_RUNS: u64 = 4;
/// Virtual runs that show, if they all agree, that chance plays no part.
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

/// An arm whose rate can be predicted.
#[derive(Clone, Copy)]
struct Case<'a> {
    strategy: &'static strategies::Entry,
    policy: &'static balancer::PolicyEntry,
    setup: &'a Setup,
    resource: &'a Resource,
    changes: &'a [Change],
    timeline: &'a Timeline<FleetStep>,
    editions: &'a Editions,
    seed: u64,
}

/// Predicts an arm; `None` for a foreign program, whose tags are unknown, and for whatever
/// [`Case::predict`] does not model.
pub(crate) fn of(scenario: &Scenario, arm: &Arm, editions: &Editions) -> Option<Prediction> {
    let strategy = strategy_of(arm)?;
    let (setup, changes) = (&arm.setup, &scenario.changes);
    let last = editions.modified(
        changes.len() as u32,
        setup.replicas.get() as usize - 1,
        setup.deploy_drift,
    );
    if setup.caching.validate.by_date() && last > SystemTime::now() {
        // A server replaces a date to come with its own time (RFC 9110 §8.8.2.1).
        return None;
    }
    let timeline = &Timeline::of_fleet(scenario, arm);
    let (policy, seed, resource) = (arm.setup.policy, arm.setup.seed, &scenario.resource);
    Case { strategy, policy, setup, resource, changes, timeline, editions, seed }.predict()
}

impl Case<'_> {
    /// `None` when no request would be conditional, when the run is too long to play, or when it
    /// depends on what is not modelled.
    fn predict(&self) -> Option<Prediction> {
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
