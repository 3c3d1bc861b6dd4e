//! The state of the proxy: what it holds, since when, and in which mode it works.
//!
//! In the modes `off` and `pre` requests for routes get 503, so that no balancer sends clients to a
//! proxy that is not to have any. Polls nothing and answers nothing itself: `poller` brings tables,
//! `answer` sends them.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Instant;

use semantics::RequestFields;
use truth::ReplicaId;

use crate::proxy::admission::ClientTokens;
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
    /// The name on a command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Pre => "pre",
            Self::Exec => "exec",
        }
    }
}

/// One instance of the proxy.
#[derive(Debug)]
pub struct ProxyState {
    pub(crate) mode: RolloutMode,
    /// Number to declare in `Lab-Replica`; `None` declares nothing.
    pub(crate) declared_by: Option<ReplicaId>,
    /// Tokens of which clients have to send one.
    pub(crate) tokens: Option<Arc<ClientTokens>>,
    pub(crate) metrics: Metrics,
    held: RwLock<HeldState>,
}

#[derive(Debug, Default)]
struct HeldState {
    table: Option<Arc<ServedTable>>,
    /// Time at which the upstream last said that this is its table.
    confirmed: Option<Instant>,
    /// Number of things that are left out of the table, because they are no routes.
    left_out: usize,
    is_upstream_well: bool,
    is_direct_well: Option<bool>,
    diff: Option<Arc<Diff>>,
}

impl ProxyState {
    /// An instance that holds nothing yet.
    pub fn new(mode: RolloutMode, declared_by: Option<ReplicaId>) -> Self {
        let (metrics, held) = (Metrics::default(), RwLock::default());
        Self { mode, declared_by, tokens: None, metrics, held }
    }

    /// The same instance for clients that send one of these tokens alone. `/health` and `/metrics` stay
    /// open.
    #[must_use]
    pub fn for_holders_of(self, tokens: ClientTokens) -> Self {
        Self { tokens: Some(Arc::new(tokens)), ..self }
    }

    pub(crate) fn admits(&self, fields: &impl RequestFields) -> bool {
        self.tokens.as_ref().is_none_or(|tokens| tokens.admit(fields))
    }

    pub(crate) fn current(&self) -> Option<Arc<ServedTable>> {
        self.held().table.clone()
    }

    pub(crate) fn publish(&self, table: ServedTable) {
        self.change().table = Some(Arc::new(table));
    }

    /// Records a poll of the upstream.
    pub(crate) fn polled(&self, is_well: bool) {
        let mut held = self.change();
        held.is_upstream_well = is_well;
        // A table goes on ageing through polls that fail.
        held.confirmed = if is_well { Some(Instant::now()) } else { held.confirmed };
    }

    /// Records how much is left out of the table.
    pub(crate) fn left_out(&self, count: usize) {
        self.change().left_out = count;
    }

    /// Number of things that are left out of the table held.
    pub(crate) fn left_out_count(&self) -> usize {
        self.held().left_out
    }

    /// Records a poll of the table that clients get directly.
    pub(crate) fn direct_polled(&self, is_well: bool) {
        self.change().is_direct_well = Some(is_well);
    }

    pub(crate) fn diff(&self) -> Option<Arc<Diff>> {
        self.held().diff.clone()
    }

    /// Records a comparison; returns true if it differs from the one before.
    pub(crate) fn compared(&self, diff: Diff) -> bool {
        let diff = Arc::new(diff);
        let before = self.change().diff.replace(Arc::clone(&diff));
        before.is_none_or(|before| before != diff)
    }

    /// The page for Prometheus.
    pub(crate) fn metrics_page(&self) -> String {
        let held = self.held();
        let table = held.table.as_ref();
        self.metrics.render(&HeldFigures {
            routes: table.map_or(0, |table| table.routes),
            bytes: table.map_or(0, |table| table.resources.whole.identity.content.len()),
            age_seconds: held.confirmed.map(|at| at.elapsed().as_secs_f64()),
            left_out: held.left_out,
            is_upstream_well: held.is_upstream_well,
            is_direct_well: held.is_direct_well,
            differences: held.diff.as_ref().map(|diff| diff.counts()),
        })
    }

    // Nothing under this lock can be left half written, so a panic elsewhere spoils nothing.
    fn held(&self) -> RwLockReadGuard<'_, HeldState> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, HeldState> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }
}
