//! One source: asked once at a time, with patience, and its last good table.
//!
//! Serves nothing: who polls decides what the table is for.

use std::sync::Arc;

use tokio::time::timeout;

use super::PollSchedule;
use crate::proxy::outcome::{Missed, PollOutcome};
use crate::proxy::table::Table;
use crate::proxy::upstream::{Fetched, Upstream};

/// An upstream, the last table that it had, and how the last poll of it went.
pub(super) struct PolledSource {
    pub(super) upstream: Upstream,
    name: &'static str,
    pub(super) table: Option<Arc<Table>>,
    last: Option<PollOutcome>,
}

/// Result of one poll.
pub(super) struct Polled(Result<PollOutcome, Missed>);

impl Polled {
    pub(super) fn outcome(&self) -> PollOutcome {
        self.0.as_ref().map_or_else(Missed::outcome, |outcome| *outcome)
    }

    pub(super) fn is_missed(&self) -> bool {
        self.0.is_err()
    }
}

impl PolledSource {
    pub(super) fn new(upstream: Upstream, name: &'static str) -> Self {
        Self { upstream, name, table: None, last: None }
    }

    pub(super) async fn poll(&mut self, cadence: PollSchedule) -> Polled {
        let polled = Polled(self.ask(cadence).await);
        self.log(&polled);
        self.last = Some(polled.outcome());
        polled
    }

    async fn ask(&mut self, cadence: PollSchedule) -> Result<PollOutcome, Missed> {
        let fetched = timeout(cadence.timeout, self.upstream.fetch()).await;
        let fetched = fetched.map_err(|_| Missed::TimedOut(cadence.timeout))??;
        let Fetched::Routes(routes) = fetched else { return Ok(PollOutcome::Unchanged) };
        if routes.is_empty() && !cadence.allow_empty {
            return Err(Missed::Empty);
        }
        let compiled = tokio::task::spawn_blocking(move || Table::compile(routes)).await;
        let table = compiled.expect("compiling a table does not panic")?;
        self.upstream.keep();
        let is_held = |held: &Arc<Table>| held.entity_tag() == table.entity_tag();
        if self.table.as_ref().is_some_and(is_held) {
            return Ok(PollOutcome::Unchanged);
        }
        self.table = Some(Arc::new(table));
        Ok(PollOutcome::Changed)
    }

    fn log(&self, polled: &Polled) {
        let was_missed = self.last.is_some_and(PollOutcome::is_missed);
        match &polled.0 {
            Err(missed) if self.last != Some(missed.outcome()) => {
                let (source, reason) = (self.name, missed.outcome().as_str());
                let is_held = self.table.is_some();
                tracing::warn!(source, reason, error = %missed, is_held, "poll brought no table");
            }
            Ok(_) if was_missed => tracing::info!(source = self.name, "polls succeed again"),
            _ => {}
        }
        if let (Ok(PollOutcome::Changed), Some(table)) = (&polled.0, &self.table) {
            let (routes, tag) = (table.routes().len(), table.entity_tag());
            tracing::info!(source = self.name, routes, %tag, "table changed");
        }
    }
}
