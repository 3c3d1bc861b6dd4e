//! The 304 rate of an arm before or beside its run: exact where nothing is left to chance, else the
//! expectation with intervals.
//!
//! Chance plays a part where polls are not in lock-step, where a policy draws lots, and where
//! replicas seed their hash functions: two of them may agree by accident on the order of a map with
//! few members. Then several virtual runs give a range. If 20 of them agree, the prediction is
//! exact.

use std::time::SystemTime;

use scenario::{Arm, Cadence, Scenario};

use crate::editions::Editions;
use crate::limits;
use crate::play::Method;
use crate::world::Case;

/// Virtual polls of one prediction, unless fewer runs than [`FEWEST_RUNS`] would come of it.
const POLLS: u64 = 4_000_000;
/// Virtual runs of one prediction in which chance plays a part.
const MOST_RUNS: u64 = 100;
const FEWEST_RUNS: u64 = 4;
/// Virtual runs that show, if they all agree, that chance plays no part.
const ENOUGH: usize = 20;
/// Standard deviations that hold 99.9 of 100 draws of a normal distribution, and 95 of 100.
const Z_999: f64 = 3.290_526_731;
const Z_95: f64 = 1.959_963_985;
/// Bytes of content that a prediction may read in processes whose hash functions are seeded.
const MOST_SEEDED_BYTES: usize = 32 << 20;

/// The expected share of conditional requests answered 304.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// In `0.0..=1.0`.
    pub ratio: f64,
    /// The range of 99.9 of 100 runs; `None` where chance plays no part.
    pub interval: Option<[f64; 2]>,
    /// The range of 95 of 100 runs.
    pub interval_95: Option<[f64; 2]>,
}

/// Predicts an arm.
///
/// `None` when no request would be conditional, or when it depends on what is not modelled.
pub fn of(
    scenario: &Scenario,
    arm: &Arm,
    editions: &Editions,
    now: SystemTime,
) -> Option<Prediction> {
    let case = Case::of(scenario, arm, editions, now).ok()?;
    let setup = &arm.setup;
    let (seed, polls) = (setup.seed, setup.polls.get());
    let seeded = limits::is_seeded(case.strategy);
    if seeded && ENOUGH * case.content_bytes() > MOST_SEEDED_BYTES {
        return None;
    }
    let ratio = |seed| case.play(seed).tally.not_modified_ratio();
    if case.method() == Method::Lots {
        // Each client draws for itself: of one client's polls nothing is known, of clients that each is
        // as good as another.
        let ratio = ratio(seed)?;
        let deviation = (ratio * (1.0 - ratio) / f64::from(setup.clients.get())).sqrt();
        let range = |normal| Some(around(ratio, normal * deviation));
        return Some(Prediction { ratio, interval: range(Z_999), interval_95: range(Z_95) });
    }
    let runs = if setup.cadence != Cadence::Lockstep || setup.policy.random {
        (POLLS / polls).clamp(FEWEST_RUNS, MOST_RUNS)
    } else if seeded {
        ENOUGH as u64
    } else {
        return Some(Prediction { ratio: ratio(seed)?, interval: None, interval_95: None });
    };
    let ratios: Option<Vec<_>> = (1..=runs).map(|run| ratio(seed.wrapping_add(run))).collect();
    Some(expectation(&ratios?, polls))
}

impl Case<'_> {
    /// Bytes of content that all replicas together read in one run.
    fn content_bytes(&self) -> usize {
        let editions = self.editions.iter().map(<[u8]>::len).sum::<usize>();
        editions * self.arm.setup.replicas.get() as usize
    }
}

/// Of virtual runs of so many polls each, what may be expected of a real one.
fn expectation(ratios: &[f64], polls: u64) -> Prediction {
    let runs = ratios.len() as f64;
    if ratios.len() >= ENOUGH && ratios.windows(2).all(|pair| pair[0].total_cmp(&pair[1]).is_eq()) {
        return Prediction { ratio: ratios[0], interval: None, interval_95: None };
    }
    let mean = ratios.iter().sum::<f64>() / runs;
    let variance = ratios.iter().map(|ratio| (ratio - mean).powi(2)).sum::<f64>() / (runs - 1.0);
    // A few virtual runs may agree by luck; the interval is never narrower than that of
    // independent polls.
    let deviation = variance.max(mean * (1.0 - mean) / polls as f64).sqrt();
    // The mean of the virtual runs is as uncertain as they are few.
    let spread = deviation * (1.0 + 1.0 / runs).sqrt();
    let range = |quantile: fn(f64) -> f64| {
        let half = quantile(runs - 1.0) * spread;
        Some(around(mean, half))
    };
    Prediction { ratio: mean, interval: range(student_999), interval_95: range(student_95) }
}

/// Shares that are no farther from this one than so much.
fn around(mean: f64, half: f64) -> [f64; 2] {
    [(mean - half).max(0.0), (mean + half).min(1.0)]
}

/// Quantile of Student's distribution that holds 99.9 of 100 draws, for so many degrees of freedom.
fn student_999(freedom: f64) -> f64 {
    student(Z_999, freedom)
}

/// The same for 95 of 100.
fn student_95(freedom: f64) -> f64 {
    student(Z_95, freedom)
}

/// The expansion of Cornish and Fisher about the normal quantile (Abramowitz and Stegun 26.7.5).
fn student(normal: f64, freedom: f64) -> f64 {
    let z = normal;
    let g1 = (z.powi(3) + z) / 4.0;
    let g2 = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    let g3 = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
    let g4 = (79.0 * z.powi(9) + 776.0 * z.powi(7) + 1_482.0 * z.powi(5)
        - 1_920.0 * z.powi(3)
        - 945.0 * z)
        / 92_160.0;
    z + g1 / freedom + g2 / freedom.powi(2) + g3 / freedom.powi(3) + g4 / freedom.powi(4)
}
