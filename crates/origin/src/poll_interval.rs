//! The field `Poll-Interval`: the pace that clients are asked to keep, in milliseconds, as at
//! GitLab.
//!
//! `-1` tells them to stop. Tells; whether they obey is their business.

use std::sync::atomic::{AtomicI64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};

const POLL_INTERVAL: HeaderName = HeaderName::from_static("poll-interval");

// Stands for no field at all, so that the value is one atomic number.
const UNSAID: i64 = i64::MIN;

#[derive(Debug)]
pub(crate) struct PollIntervalField(AtomicI64);

/// The value of the field for an endpoint's own interval and the operator's multiplier, rounded
/// down; either can stop the polling, with -1 or 0.
pub fn poll_interval_ms(interval_ms: i64, multiplier: f64) -> i64 {
    let stops = interval_ms < 0 || multiplier <= 0.0;
    if stops { -1 } else { (interval_ms as f64 * multiplier) as i64 }
}

impl PollIntervalField {
    pub(crate) fn new(poll_interval_ms: Option<i64>) -> Self {
        Self(AtomicI64::new(poll_interval_ms.unwrap_or(UNSAID)))
    }

    pub(crate) fn set(&self, poll_interval_ms: Option<i64>) {
        self.0.store(poll_interval_ms.unwrap_or(UNSAID), Ordering::Relaxed);
    }

    /// Adds the field, if there is one.
    pub(crate) fn write(&self, fields: &mut HeaderMap) {
        let now = self.0.load(Ordering::Relaxed);
        if now != UNSAID {
            fields.insert(POLL_INTERVAL, HeaderValue::from(now.max(-1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_multiplier_stretches_the_interval_and_nothing_stops_it() {
        assert_eq!(poll_interval_ms(3_000, 1.0), 3_000);
        assert_eq!(poll_interval_ms(3_000, 2.5), 7_500);
        assert_eq!(poll_interval_ms(3_333, 0.1), 333);
        assert_eq!(poll_interval_ms(3_000, 0.0), -1);
        assert_eq!(poll_interval_ms(-1, 2.0), -1);
    }
}
