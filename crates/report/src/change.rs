//! Changes of a number from one column to another, in words that fit the number.
//!
//! Says only how much; the reader and the findings decide whether it is good.

use crate::quantity::{MINUS, signed};
use text::count;

/// Words for a difference that another run of the same command could show as well.
pub(crate) const WITHIN_NOISE: &str = "within noise";

/// Words for a difference that repetitions of either run show as well.
pub(crate) const WITHIN_SPREAD: &str = "within the spread";

/// The natural way to report the movement of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    /// Relative: `−94.3 %`.
    Percent,
    /// As a factor: `55.7 × less`.
    Times,
    /// As a factor, of something measured with a clock: only from this factor on it is a result.
    TimesFrom(f64),
    /// None: delays of single runs differ by as much between two runs of one command.
    Unproven,
    /// Of a ratio, in percentage points: `+98.0 points`.
    Points,
    /// Of a count: `−480`.
    Count,
}

impl Change {
    /// `None` when one side was not measured, or when there is nothing to divide by.
    pub(crate) fn describe(self, from: Option<f64>, to: Option<f64>) -> Option<String> {
        let (from, to) = (from?, to?);
        let difference = to - from;
        // Counts and ratios come from the same arithmetic, so equal ones are equal to the last bit.
        if difference.abs() < f64::EPSILON {
            return Some("unchanged".to_owned());
        }
        match self {
            Self::Percent => {
                // A growth from nothing has no percentage.
                (from > 0.0).then(|| format!("{} %", signed(difference / from * 100.0)))
            }
            Self::TimesFrom(least) if from > 0.0 && (from / to).max(to / from) < least => {
                Some(WITHIN_NOISE.to_owned())
            }
            Self::Times | Self::TimesFrom(_) => times(from, to),
            Self::Unproven => Some(WITHIN_NOISE.to_owned()),
            Self::Points => Some(format!("{} points", signed(difference * 100.0))),
            Self::Count => {
                let sign = if difference < 0.0 { MINUS } else { '+' };
                Some(format!("{sign}{}", count(difference.abs() as u64)))
            }
        }
    }
}

fn times(from: f64, to: f64) -> Option<String> {
    if from <= 0.0 || to <= 0.0 {
        return None;
    }
    let (factor, word) = if from > to { (from / to, "less") } else { (to / from, "more") };
    // Near one, a factor reads as no change at all; a percentage shows it.
    if factor < 1.1 {
        return Change::Percent.describe(Some(from), Some(to));
    }
    Some(format!("{factor:.1} × {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: Change, from: f64, to: f64, expected: Option<&str>) {
        assert_eq!(change.describe(Some(from), Some(to)).as_deref(), expected, "{from} {to}");
    }

    #[test]
    fn each_kind_is_told_in_its_own_words() {
        check(Change::Percent, 4_202_000.0, 240_560.0, Some("−94.3 %"));
        check(Change::Times, 8_404.0, 151.0, Some("55.7 × less"));
        check(Change::Times, 151.0, 8_404.0, Some("55.7 × more"));
        check(Change::Times, 151.0, 152.0, Some("+0.7 %"));
        check(Change::Points, 0.0, 0.98, Some("+98.0 points"));
        check(Change::Count, 480.0, 0.0, Some("−480"));
    }

    #[test]
    fn what_two_equal_commands_show_as_well_is_no_result() {
        check(Change::Unproven, 118.0, 64.0, Some(WITHIN_NOISE));
        check(Change::TimesFrom(2.0), 100.0, 60.0, Some(WITHIN_NOISE));
        check(Change::TimesFrom(2.0), 60.0, 100.0, Some(WITHIN_NOISE));
        check(Change::TimesFrom(2.0), 1_384.0, 28.0, Some("49.4 × less"));
        check(Change::TimesFrom(2.0), 0.0, 28.0, None);
    }

    #[test]
    fn equal_is_unchanged_and_no_base_is_no_change() {
        check(Change::Percent, 0.0, 0.0, Some("unchanged"));
        check(Change::Percent, 0.0, 5.0, None);
        check(Change::Times, 5.0, 0.0, None);
        assert_eq!(Change::Count.describe(None, Some(1.0)), None);
    }
}
