//! The work of a source, as accounts that add up and differ, and the counters that they are read
//! from.

use std::time::Duration;

/// Work of a source since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct SourceAccount {
    pub(super) requests: Option<u64>,
    pub(super) content_bytes: Option<u64>,
    pub(super) cpu: Option<Duration>,
}

impl SourceAccount {
    pub(super) fn plus(self, other: Self) -> Self {
        self.with(other, u64::saturating_add, Duration::saturating_add)
    }

    /// The difference to an earlier account.
    pub(super) fn since(self, before: Self) -> Self {
        self.with(before, u64::saturating_sub, Duration::saturating_sub)
    }

    fn with(
        self,
        other: Self,
        counts: fn(u64, u64) -> u64,
        times: fn(Duration, Duration) -> Duration,
    ) -> Self {
        Self {
            requests: either(self.requests, other.requests, counts),
            content_bytes: either(self.content_bytes, other.content_bytes, counts),
            cpu: either(self.cpu, other.cpu, times),
        }
    }
}

/// Both numbers together, or the one that is known.
fn either<T: Copy>(one: Option<T>, other: Option<T>, both: fn(T, T) -> T) -> Option<T> {
    one.zip(other).map(|(one, other)| both(one, other)).or(one).or(other)
}

/// The sum of the counters whose lines begin like this, in the text format of Prometheus; `None`
/// without such a line.
pub(super) fn counter(metrics: &str, begins: &str) -> Option<f64> {
    let lines = metrics.lines().filter(|line| line.starts_with(begins));
    let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    values.fold(None, |sum, value| Some(sum.unwrap_or_default() + value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_read_by_the_beginning_of_their_line_and_added_up() {
        let metrics = "# TYPE started_total counter\n\
            started_total{method=\"Put\",service=\"KV\"} 9\n\
            started_total{method=\"Range\",service=\"KV\"} 41\n\
            cpu_seconds_total 0.25\n";
        assert_eq!(counter(metrics, "started_total{method=\"Range\","), Some(41.0));
        assert_eq!(counter(metrics, "started_total{"), Some(50.0));
        assert_eq!(counter(metrics, "cpu_seconds_total "), Some(0.25));
        assert_eq!(counter(metrics, "nothing"), None);
    }
}
