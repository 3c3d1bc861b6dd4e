//! The 304 rate of an arm by arithmetic, without running it.
//!
//! Plays the same schedule against the same strategy and the same balancing policy in virtual
//! time: the strategy's own code is given modelled facts, the policy's own code picks. No socket,
//! no process, no clock. So the prediction holds for counters that collide and for mtimes that
//! happen to agree, which a rule of thumb per strategy would miss.
//! A prediction that differs from the measurement points at a fault in either.
//!
//! Chance plays a part where polls are not in lock-step, where a policy draws lots, and where
//! replicas seed their hash functions: two of them may agree by accident on the order of a map with
//! few members. Then several virtual runs give a range. If 20 of them agree, the prediction is
//! exact.

mod modelled;
mod play;
mod tags;
#[cfg(test)]
mod tests;
mod through_edge;
mod world;

use std::time::SystemTime;

use scenario::{Arm, Cadence, Replica, Scenario, Setup};

use crate::editions::Editions;
use crate::timeline::{FleetStep, Timeline};
use tags::Tags;

/// Limit of virtual polls in one prediction.
const MOST_POLLS: u64 = 4_000_000;
/// Virtual runs of one prediction in which chance plays a part.
const MOST_RUNS: u64 = 100;
const FEWEST_RUNS: u64 = 4;
/// Virtual runs that show, if they all agree, that chance plays no part.
const ENOUGH: usize = 20;
/// Standard deviations that hold 99.9 of 100 runs.
const WIDTH: f64 = 3.29;
/// Bytes of content that a prediction may read in processes whose hash functions are seeded.
const MOST_SEEDED_BYTES: usize = 32 << 20;

/// The expected share of conditional requests answered 304.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prediction {
    /// In `0.0..=1.0`.
    pub(crate) ratio: f64,
    /// The range of 99.9 of 100 runs; `None` where chance plays no part.
    pub(crate) interval: Option<[f64; 2]>,
}

/// An arm with replicas of the lab, whose rate is to be predicted.
struct Case<'a> {
    strategy: &'static strategies::Entry,
    scenario: &'a Scenario,
    setup: &'a Setup,
    editions: &'a Editions,
    timeline: Timeline<FleetStep>,
}

/// Predicts an arm.
///
/// `None` when no request would be conditional, when the run is too long to play, or when it
/// depends on what is not modelled, as the tags of a foreign program are.
pub(crate) fn of(scenario: &Scenario, arm: &Arm, editions: &Editions) -> Option<Prediction> {
    let Replica::Strategy(strategy) = arm.replica else { return None };
    let (setup, timeline) = (&arm.setup, Timeline::of_fleet(scenario, arm));
    let case = Case { strategy, scenario, setup, editions, timeline };
    let (seed, polls) = (setup.seed, setup.polls.get());
    let last_replica = setup.replicas.get() as usize - 1;
    let last_edition = scenario.changes.len() as u32;
    let last = editions.modified(last_edition, last_replica, setup.deploy_drift);
    if setup.caching.validate.by_date() && last > SystemTime::now() {
        // A server replaces a future date with its own time (RFC 9110 §8.8.2.1).
        return None;
    }
    if polls * FEWEST_RUNS > MOST_POLLS * 2 || !case.is_modelled() {
        return None;
    }
    let tags = Tags::new(strategy, editions, setup.deploy_drift);
    let seeded = case.is_seeded();
    if seeded && ENOUGH * case.content_bytes() > MOST_SEEDED_BYTES {
        return None;
    }
    let runs = if setup.cadence != Cadence::Lockstep || setup.policy.random {
        (MOST_POLLS / polls).clamp(FEWEST_RUNS, MOST_RUNS)
    } else if seeded {
        ENOUGH as u64
    } else {
        let ratio = case.play(seed, &tags)?;
        return Some(Prediction { ratio, interval: None });
    };
    let ratios: Option<Vec<_>> =
        (1..=runs).map(|run| case.play(seed.wrapping_add(run), &tags)).collect();
    Some(expectation(&ratios?, polls))
}

/// Of virtual runs of so many polls each, what may be expected of a real one.
fn expectation(ratios: &[f64], polls: u64) -> Prediction {
    let runs = ratios.len() as f64;
    if ratios.len() >= ENOUGH && ratios.windows(2).all(|pair| pair[0].total_cmp(&pair[1]).is_eq()) {
        return Prediction { ratio: ratios[0], interval: None };
    }
    let mean = ratios.iter().sum::<f64>() / runs;
    let variance = ratios.iter().map(|ratio| (ratio - mean).powi(2)).sum::<f64>() / runs;
    // A few virtual runs may agree by luck; the interval is never narrower than that of
    // independent polls.
    let deviation = variance.max(mean * (1.0 - mean) / polls as f64).sqrt();
    let half = WIDTH * deviation;
    Prediction { ratio: mean, interval: Some([(mean - half).max(0.0), (mean + half).min(1.0)]) }
}
