//! The outcome of a poll, for the counters and the log.

use std::time::Duration;

use crate::proxy::table::{LeftOut, TableError};
use crate::proxy::upstream::UpstreamError;

/// Outcome of one poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PollOutcome {
    Changed,
    Unchanged,
    Error,
    Timeout,
    Empty,
    Malformed,
    Oversize,
}

impl PollOutcome {
    /// Names in the counters and in the log, in the order of the variants.
    pub(crate) const NAMES: [&str; 7] =
        ["changed", "unchanged", "error", "timeout", "empty", "malformed", "oversize"];

    pub(crate) const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

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
    /// None of them is a route, or all of them were asked for.
    #[error("{0}")]
    LeftOut(LeftOut),
}

impl Missed {
    pub(crate) fn outcome(&self) -> PollOutcome {
        match self {
            Self::Upstream(
                UpstreamError::Unreachable(_)
                | UpstreamError::Status(_)
                | UpstreamError::Refused(..),
            ) => PollOutcome::Error,
            // Too large is too large, whether one content is or the tables that it would make.
            Self::Upstream(UpstreamError::Oversize(_)) | Self::Table(TableError::TooLarge) => {
                PollOutcome::Oversize
            }
            Self::Upstream(UpstreamError::Malformed(_)) | Self::LeftOut(_) => {
                PollOutcome::Malformed
            }
            Self::TimedOut(_) | Self::Upstream(UpstreamError::TimedOut) => PollOutcome::Timeout,
            Self::Empty => PollOutcome::Empty,
        }
    }
}
