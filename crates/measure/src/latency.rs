//! Latency distributions: 200 and 304 apart, because one carries content and the other does not.

mod histogram;

use std::time::Duration;

use hdrhistogram::Histogram;

pub use self::histogram::UnreadableHistogram;
use self::histogram::{decoded, encoded};
use crate::record::{HistogramsRecord, LatencyRecord};

/// Longest latency distinguished from longer ones.
const CEILING_US: u64 = 600_000_000;
// A quantile is then wrong by a thousandth at most, far less than one run differs from the next.
const SIGNIFICANT_DIGITS: u8 = 3;

const SAME_BOUNDS: &str = "all histograms have the same bounds";

/// Latencies of complete responses, from the intended start of the poll.
#[derive(Clone, Debug)]
pub struct Latencies {
    full: Histogram<u64>,
    not_modified: Histogram<u64>,
}

impl Default for Latencies {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(1, CEILING_US, SIGNIFICANT_DIGITS)
            .expect("the bounds are constants within what the histogram accepts");
        Self { full: histogram.clone(), not_modified: histogram }
    }
}

impl Latencies {
    /// Records one complete response; one in virtual time has no latency.
    pub fn record(&mut self, not_modified: bool, latency: Option<Duration>) {
        let Some(latency) = latency else { return };
        let micros = u64::try_from(latency.as_micros()).unwrap_or(CEILING_US);
        let histogram = if not_modified { &mut self.not_modified } else { &mut self.full };
        // The histogram begins at 1, and a poll over loopback may take less than a microsecond.
        histogram.saturating_record(micros.max(1));
    }

    /// Of 200s; `None` when there was none.
    pub fn full(&self) -> Option<LatencyRecord> {
        summary(&self.full)
    }

    /// Of 304s; `None` when there was none.
    pub fn not_modified(&self) -> Option<LatencyRecord> {
        summary(&self.not_modified)
    }

    /// Of both together.
    pub fn all(&self) -> Option<LatencyRecord> {
        summary(&self.both())
    }
}

impl Latencies {
    /// The distributions as they stand in a record.
    pub fn to_record(&self) -> HistogramsRecord {
        HistogramsRecord {
            all: encoded(&self.both()),
            full: encoded(&self.full),
            not_modified: encoded(&self.not_modified),
        }
    }

    /// Reads the distributions of a record; that of all responses is the sum of the others.
    pub fn of_record(record: &HistogramsRecord) -> Result<Self, UnreadableHistogram> {
        Ok(Self { full: decoded(&record.full)?, not_modified: decoded(&record.not_modified)? })
    }

    /// Adds other responses: bucket by bucket, and so exactly.
    pub fn merge(&mut self, other: &Self) {
        self.full.add(&other.full).expect(SAME_BOUNDS);
        self.not_modified.add(&other.not_modified).expect(SAME_BOUNDS);
    }

    fn both(&self) -> Histogram<u64> {
        let mut both = self.full.clone();
        // Quantiles of two distributions cannot be combined, so the distributions are.
        both.add(&self.not_modified).expect(SAME_BOUNDS);
        both
    }
}

/// Quantiles in whole microseconds.
fn summary(histogram: &Histogram<u64>) -> Option<LatencyRecord> {
    (!histogram.is_empty()).then(|| LatencyRecord {
        p50: histogram.value_at_quantile(0.5),
        p90: histogram.value_at_quantile(0.9),
        p99: histogram.value_at_quantile(0.99),
        p999: histogram.value_at_quantile(0.999),
        max: histogram.max(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_kinds_are_kept_apart_and_add_up() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.all(), None);
        for micros in 1..=1_000 {
            latencies.record(false, Some(Duration::from_micros(micros)));
        }
        latencies.record(true, Some(Duration::from_millis(5)));
        assert_eq!(latencies.full().map(|s| (s.p50, s.max)), Some((500, 1_000)));
        assert_eq!(latencies.not_modified().map(|s| s.p50 / 10), Some(500));
        assert!(latencies.all().is_some_and(|s| s.max >= 5_000 && s.p50 <= 502));
    }

    #[test]
    fn a_stall_beyond_the_ceiling_is_kept_as_the_ceiling() {
        let mut latencies = Latencies::default();
        latencies.record(false, Some(Duration::from_secs(86_400)));
        assert!(latencies.full().is_some_and(|s| s.max >= CEILING_US));
    }
}
