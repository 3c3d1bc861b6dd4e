//! Median, least and greatest of a few measurements. Pure.

use serde::Serialize;

/// How measurements lie; all in the unit of the measurements.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    /// The middle one; of an even number, the mean of the two in the middle.
    pub(crate) median: f64,
    /// The least.
    pub(crate) min: f64,
    /// The greatest.
    pub(crate) max: f64,
}

impl Spread {
    /// Of at least one measurement.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (middle, last) = (sorted.len() / 2, sorted.len().checked_sub(1));
        let last = last.expect("a row has at least one round");
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Self { median, min: sorted[0], max: sorted[last] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], (median, min, max): (f64, f64, f64)) {
        assert_eq!(Spread::of(values), Spread { median, min, max }, "{values:?}");
    }

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_the_middle_two() {
        check(&[3.0], (3.0, 3.0, 3.0));
        check(&[3.0, 1.0], (2.0, 1.0, 3.0));
        check(&[5.0, 1.0, 3.0], (3.0, 1.0, 5.0));
        check(&[4.0, 1.0, 2.0, 100.0], (3.0, 1.0, 100.0));
    }
}
