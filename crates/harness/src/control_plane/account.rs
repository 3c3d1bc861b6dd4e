//! The work of a source, as accounts that add up and differ.

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
        Self {
            requests: either(self.requests, other.requests, |a, b| a + b),
            content_bytes: either(self.content_bytes, other.content_bytes, |a, b| a + b),
            cpu: either(self.cpu, other.cpu, |a, b| a + b),
        }
    }

    /// The difference to an earlier account.
    pub(super) fn since(self, before: Self) -> Self {
        let less = |now: u64, then: u64| now.saturating_sub(then);
        Self {
            requests: either(self.requests, before.requests, less),
            content_bytes: either(self.content_bytes, before.content_bytes, less),
            cpu: either(self.cpu, before.cpu, Duration::saturating_sub),
        }
    }
}

/// Both numbers together, or the one that is known.
fn either<T>(one: Option<T>, other: Option<T>, both: impl FnOnce(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(both(one, other)),
        (one, other) => one.or(other),
    }
}
