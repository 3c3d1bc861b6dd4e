//! What became of a poll, as it is counted and logged.

use std::time::Duration;

use crate::proxy::table::TableError;
use crate::proxy::upstream::UpstreamError;

/// What became of one poll.
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
    /// What came is no table.
    Malformed,
    /// What came is larger than is read.
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

    /// Whether it brought no table.
    pub(super) fn is_missed(self) -> bool {
        !matches!(self, Self::Changed | Self::Unchanged)
    }
}

/// Why a poll brought no table.
#[derive(Debug, thiserror::Error)]
pub(super) enum Missed {
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
    pub(super) fn outcome(&self) -> PollOutcome {
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
