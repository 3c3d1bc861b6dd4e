//! What a source has done, and how two accounts add up or differ.

use std::time::Duration;

/// What the source has done since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::control_plane) struct Account {
    pub(in crate::control_plane) requests: Option<u64>,
    pub(in crate::control_plane) content_bytes: Option<u64>,
    pub(in crate::control_plane) cpu: Option<Duration>,
}

impl Account {
    pub(in crate::control_plane) fn plus(self, other: Self) -> Self {
        Self {
            requests: either(self.requests, other.requests, |a, b| a + b),
            content_bytes: either(self.content_bytes, other.content_bytes, |a, b| a + b),
            cpu: either(self.cpu, other.cpu, |a, b| a + b),
        }
    }

    /// What has been added since `before`.
    pub(in crate::control_plane) fn since(self, before: Self) -> Self {
        let less = |now: u64, then: u64| now.saturating_sub(then);
        Self {
            requests: either(self.requests, before.requests, less),
            content_bytes: either(self.content_bytes, before.content_bytes, less),
            cpu: either(self.cpu, before.cpu, Duration::saturating_sub),
        }
    }
}

/// What is known of two numbers: both together, or the one that there is.
fn either<T>(one: Option<T>, other: Option<T>, both: impl FnOnce(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(both(one, other)),
        (one, other) => one.or(other),
    }
}
