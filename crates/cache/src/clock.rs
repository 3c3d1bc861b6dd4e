//! The time by which stored responses grow old.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A clock: that of the machine, or one that stands still until it is set.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Real,
    Virtual { start: SystemTime, passed_ms: Arc<AtomicU64> },
}

impl Clock {
    /// The clock of the machine.
    pub fn real() -> Self {
        Self(Kind::Real)
    }

    /// A clock that shows this moment until it is set.
    pub fn standing_at(start: SystemTime) -> Self {
        Self(Kind::Virtual { start, passed_ms: Arc::default() })
    }

    /// Sets the time that has passed since the start; a real clock goes on as it does.
    pub fn set(&self, passed: Duration) {
        if let Kind::Virtual { passed_ms, .. } = &self.0 {
            passed_ms.store(passed.as_millis() as u64, Ordering::Relaxed);
        }
    }

    pub(crate) fn now(&self) -> SystemTime {
        match &self.0 {
            Kind::Real => SystemTime::now(),
            Kind::Virtual { start, passed_ms } => {
                *start + Duration::from_millis(passed_ms.load(Ordering::Relaxed))
            }
        }
    }
}
