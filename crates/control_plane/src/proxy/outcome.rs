//! The outcome of a poll, for the counters and the log.

use std::time::Duration;

use crate::proxy::table::TableError;
use crate::proxy::upstream::UpstreamError;

/// Outcome of one poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PollOutcome {
    /// Another table is held.
    Changed,
    /// The table that is held is that of the upstream.
    Unchanged,
    /// Nobody answered, or with an error.
    Error,
    /// Nothing came in time.
    Timeout,
    /// No routes at all, where that is taken for an accident.
    Empty,
    /// The content is no table.
    Malformed,
    /// The content is larger than the limit.
    Oversize,
}

impl PollOutcome {
    pub(crate) const ALL: [Self; 7] = [
        Self::Changed,
        Self::Unchanged,
        Self::Error,
        Self::Timeout,
        Self::Empty,
        Self::Malformed,
        Self::Oversize,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Empty => "empty",
            Self::Malformed => "malformed",
            Self::Oversize => "oversize",
        }
    }

    /// Returns true if it brought no table.
    pub(crate) fn is_missed(self) -> bool {
        !matches!(self, Self::Changed | Self::Unchanged)
    }
}

/// Reason why a poll brought no table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Missed {
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    #[error("no routes at all")]
    Empty,
}

impl Missed {
    pub(crate) fn outcome(&self) -> PollOutcome {
        match self {
            Self::Upstream(UpstreamError::Unreachable(_) | UpstreamError::Status(_)) => {
                PollOutcome::Error
            }
            Self::Upstream(UpstreamError::Oversize(_)) | Self::Table(TableError::TooLarge) => {
                PollOutcome::Oversize
            }
            Self::Upstream(UpstreamError::Malformed(_)) | Self::Table(_) => PollOutcome::Malformed,
            Self::TimedOut(_) => PollOutcome::Timeout,
            Self::Empty => PollOutcome::Empty,
        }
    }
}
