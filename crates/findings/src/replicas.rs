//! Number of replicas, estimated from how often their tags were met.
//!
//! Under random choice, k exchanges meet D of N replicas with a known probability. The interval
//! holds every N that would not make the D that was seen a rare event, so it holds the true N at
//! least as often as it says, whatever N is (Clopper and Pearson's construction). Pure arithmetic.

/// A range of numbers of replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Estimate {
    /// At least so many.
    pub low: u32,
    /// At most so many; `None` when the evidence sets no limit.
    pub high: Option<u32>,
}

/// The confidence of [`estimate`].
pub const CONFIDENCE: f64 = 0.95;

/// Numbers beyond this are not told from infinity.
const MOST: u32 = 1_000;

/// The replicas behind `draws` exchanges that met `distinct` of them, each chosen at random.
pub fn estimate(distinct: u32, draws: u32) -> Estimate {
    if distinct == 0 || draws == 0 {
        return Estimate { low: 1, high: None };
    }
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let at_most = |replicas: u32| -> f64 { cumulated(replicas, draws, 0, distinct) };
    let at_least = |replicas: u32| -> f64 { cumulated(replicas, draws, distinct, draws) };
    let low = (distinct..=MOST).find(|&replicas| at_least(replicas) > tail).unwrap_or(distinct);
    let high = if at_most(MOST) > tail {
        None
    } else {
        // The probability of so few falls as replicas are added.
        let candidates: Vec<_> = (low..=MOST).collect();
        let count = candidates.partition_point(|&replicas| at_most(replicas) > tail);
        Some(low + (count as u32).saturating_sub(1))
    };
    Estimate { low, high }
}

/// Probability of meeting between `from` and `to` different ones of `replicas` in `draws` draws.
fn cumulated(replicas: u32, draws: u32, from: u32, to: u32) -> f64 {
    let most = replicas.min(draws) as usize;
    let mut probability = vec![0.0; most + 2];
    probability[0] = 1.0;
    let replicas = f64::from(replicas);
    for _ in 0..draws {
        for met in (0..=most).rev() {
            let new = if met == 0 {
                0.0
            } else {
                probability[met - 1] * (replicas - (met - 1) as f64) / replicas
            };
            probability[met] = probability[met] * met as f64 / replicas + new;
        }
    }
    let range = from as usize..=(to as usize).min(most);
    probability.get(range).map_or(0.0, |part| part.iter().sum())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::{RngExt as _, SeedableRng as _};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    #[test]
    fn few_and_many_draws_give_wide_and_narrow_intervals() {
        assert_eq!(estimate(0, 0), Estimate { low: 1, high: None });
        assert_eq!(estimate(8, 8).high, None);
        assert_eq!(estimate(3, 40), Estimate { low: 3, high: Some(3) });
        assert_eq!(estimate(1, 1), Estimate { low: 1, high: None });
        assert_eq!(estimate(1, 40), Estimate { low: 1, high: Some(1) });
    }

    #[test]
    fn probabilities_add_up_to_one() {
        for (replicas, draws) in [(1, 5), (3, 2), (10, 40)] {
            let sum = cumulated(replicas, draws, 0, draws);
            assert!((sum - 1.0).abs() < 1e-9, "{replicas} {draws}: {sum}");
        }
    }

    #[test]
    fn the_interval_holds_the_true_number_as_often_as_it_says() {
        let mut random = Pcg64Mcg::seed_from_u64(42);
        for replicas in 1..=12_u32 {
            for draws in [10, 20, 40] {
                let runs = 1_000;
                let estimates: Vec<_> = (0..=replicas).map(|met| estimate(met, draws)).collect();
                let held = (0..runs).filter(|_| {
                    let met: BTreeSet<_> =
                        (0..draws).map(|_| random.random_range(0..replicas)).collect();
                    let Estimate { low, high } = estimates[met.len()];
                    low <= replicas && high.is_none_or(|high| replicas <= high)
                });
                let share = held.count() as f64 / f64::from(runs);
                assert!(share >= CONFIDENCE, "{replicas} replicas, {draws} draws: {share}");
            }
        }
    }
}
