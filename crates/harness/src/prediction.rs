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

mod case;
mod modelled;
mod play;
mod spread;
mod tags;
#[cfg(test)]
mod tests;
mod through_edge;
mod world;

use std::time::SystemTime;

use scenario::{Arm, Cadence, Scenario};

use crate::editions::Editions;
use crate::stage::strategy_of;
use case::{Case, ENOUGH};
use tags::Tags;

pub(crate) use case::Prediction;

/// Limit of virtual polls in one prediction.
const MOST_POLLS: u64 = 4_000_000;
/// Virtual runs of one prediction in which chance plays a part.
const MOST_RUNS: u64 = 100;
const FEWEST_RUNS: u64 = 4;
/// Bytes of content that a prediction may read in processes whose hash functions are seeded.
const MOST_SEEDED_BYTES: usize = 32 << 20;

/// Predicts an arm.
///
/// `None` when no request would be conditional, when the run is too long to play, or when it
/// depends on what is not modelled, as the tags of a foreign program are.
pub(crate) fn of(scenario: &Scenario, arm: &Arm, editions: &Editions) -> Option<Prediction> {
    let case = Case::new(strategy_of(arm)?, scenario, arm, editions);
    let (setup, seed, polls) = (case.setup, arm.setup.seed, case.setup.polls.get());
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
    let tags = Tags::new(case.strategy, editions, setup.deploy_drift);
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
    Some(spread::expectation(&ratios?, polls))
}
