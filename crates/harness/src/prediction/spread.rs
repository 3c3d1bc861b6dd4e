//! From the ratios of some virtual runs to what may be expected of a real one.

use super::case::{ENOUGH, Prediction};

/// Standard deviations that hold 99.9 of 100 runs.
const WIDTH: f64 = 3.29;

/// Of runs of so many polls each.
pub(super) fn expectation(ratios: &[f64], polls: u64) -> Prediction {
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
