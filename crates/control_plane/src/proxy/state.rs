//! The state of the proxy: what it holds, since when, and in which mode it works.
//!
//! In the modes `off` and `pre` requests for routes get 503, so that no balancer sends clients to a
//! proxy that is not to have any. Polls nothing and answers nothing itself: `poller` brings tables, `answer` gives them away.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use truth::ReplicaId;

use crate::proxy::diff::Diff;
use crate::proxy::metrics::{HeldFigures, Metrics};
use crate::proxy::snapshot::ServedTable;

/// Stage of a rollout: the part of the traffic that the proxy may answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RolloutMode {
    /// Does nothing: polls nothing, holds nothing, serves nobody.
    Off,
    /// Runs beside what there is: compiles the table and compares it with what clients get
    /// directly, and serves nobody.
    Pre,
    /// Serves.
    #[default]
    Exec,
}

impl RolloutMode {
    /// Every mode, in the order of a rollout.
    pub const ALL: [Self; 3] = [Self::Off, Self::Pre, Self::Exec];

    /// The name on a command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Pre => "pre",
            Self::Exec => "exec",
        }
    }
}

impl fmt::Display for RolloutMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One instance of the proxy.
#[derive(Debug)]
pub struct ProxyState {
    pub(crate) mode: RolloutMode,
    /// Number to declare in `Lab-Replica`; `None` declares nothing.
    pub(crate) declared_by: Option<ReplicaId>,
    pub(crate) metrics: Metrics,
    current: RwLock<Option<Arc<ServedTable>>>,
    /// Time at which the upstream last confirmed the table, and the success of the last poll.
    confirmed: RwLock<(Option<Instant>, bool)>,
    diff: RwLock<Option<Arc<Diff>>>,
    /// Success of the last poll of the table that clients get directly.
    is_direct_well: RwLock<Option<bool>>,
}

impl ProxyState {
    /// An instance that holds nothing yet.
    pub fn new(mode: RolloutMode, declared_by: Option<ReplicaId>) -> Self {
        Self {
            mode,
            declared_by,
            metrics: Metrics::default(),
            current: RwLock::default(),
            confirmed: RwLock::default(),
            diff: RwLock::default(),
            is_direct_well: RwLock::default(),
        }
    }

    /// The table held.
    pub(crate) fn current(&self) -> Option<Arc<ServedTable>> {
        read(&self.current)
    }

    /// Replaces the table held.
    pub(crate) fn publish(&self, snapshot: ServedTable) {
        write(&self.current, Some(Arc::new(snapshot)));
    }

    /// The upstream answered: this is its table.
    pub(crate) fn confirm(&self) {
        write(&self.confirmed, (Some(Instant::now()), true));
    }

    /// The upstream did not.
    pub(crate) fn miss(&self) {
        let (when, _) = read(&self.confirmed);
        write(&self.confirmed, (when, false));
    }

    /// Records a poll of the table that clients get directly.
    pub(crate) fn direct_polled(&self, is_well: bool) {
        write(&self.is_direct_well, Some(is_well));
    }

    /// The differences found by the last comparison.
    pub(crate) fn diff(&self) -> Option<Arc<Diff>> {
        read(&self.diff)
    }

    /// Records a comparison; returns true if it differs from the one before.
    pub(crate) fn compared(&self, diff: Diff) -> bool {
        let is_news = self.diff().is_none_or(|known| *known != diff);
        write(&self.diff, Some(Arc::new(diff)));
        is_news
    }

    /// The page for Prometheus.
    pub(crate) fn metrics_page(&self) -> String {
        let current = self.current();
        let (confirmed, is_upstream_well) = read(&self.confirmed);
        self.metrics.render(&HeldFigures {
            routes: current.as_ref().map_or(0, |held| held.routes),
            bytes: current.as_ref().map_or(0, |held| held.resources.whole.identity.content.len()),
            age_seconds: confirmed.map(|at| at.elapsed().as_secs_f64()),
            is_upstream_well,
            is_direct_well: read(&self.is_direct_well),
            differences: self.diff().map(|diff| diff.counts()),
        })
    }
}

// Nothing under these locks can be left half written.
fn read<T: Clone>(lock: &RwLock<T>) -> T {
    lock.read().unwrap_or_else(PoisonError::into_inner).clone()
}

fn write<T>(lock: &RwLock<T>, value: T) {
    *lock.write().unwrap_or_else(PoisonError::into_inner) = value;
}
