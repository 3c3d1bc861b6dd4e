//! One source: asked once at a time, with patience, and its last good table.
//!
//! Serves nothing: who polls decides what the table is for.

use std::sync::Arc;

use tokio::time::Instant;

use super::PollSchedule;
use crate::proxy::outcome::{Missed, PollOutcome};
use crate::proxy::table::{LeftOut, Table};
use crate::proxy::upstream::{Fetched, Upstream, UpstreamError};

pub(super) struct PolledSource {
    pub(super) upstream: Upstream,
    name: &'static str,
    pub(super) table: Option<Arc<Table>>,
    /// Left out of that table.
    pub(super) left_out: LeftOut,
    last: Option<PollOutcome>,
}

impl PolledSource {
    pub(super) fn new(upstream: Upstream, name: &'static str) -> Self {
        Self { upstream, name, table: None, left_out: LeftOut::default(), last: None }
    }

    pub(super) async fn poll(&mut self, cadence: PollSchedule) -> PollOutcome {
        let polled = self.ask(cadence).await;
        let outcome = polled.as_ref().map_or_else(Missed::outcome, |outcome| *outcome);
        self.log(&polled, outcome);
        self.last = Some(outcome);
        outcome
    }

    async fn ask(&mut self, cadence: PollSchedule) -> Result<PollOutcome, Missed> {
        let fetched = self.upstream.fetch(Instant::now() + cadence.timeout).await;
        let fetched = fetched.map_err(|error| match error {
            UpstreamError::TimedOut => Missed::TimedOut(cadence.timeout),
            error => Missed::Upstream(error),
        })?;
        let Fetched::Routes(routes) = fetched else { return Ok(PollOutcome::Unchanged) };
        if routes.is_empty() && routes.left_out().is_empty() && !cadence.allow_empty {
            return Err(Missed::Empty);
        }
        let compiled = tokio::task::spawn_blocking(move || Table::compile(routes)).await;
        let table = compiled.expect("compiling a table does not panic")?;
        let left_out = table.left_out();
        if !left_out.is_empty() && (cadence.strict || table.is_empty()) {
            return Err(Missed::LeftOut(left_out.clone()));
        }
        self.note(left_out);
        // Only now: a tag remembered from an answer that was cut would be answered 304 for ever.
        self.upstream.keep();
        let is_held = |held: &Arc<Table>| held.entity_tag() == table.entity_tag();
        if self.table.as_ref().is_some_and(is_held) {
            return Ok(PollOutcome::Unchanged);
        }
        self.table = Some(Arc::new(table));
        Ok(PollOutcome::Changed)
    }

    /// Remembers what is left out, and logs it when it is something else than before.
    fn note(&mut self, left_out: &LeftOut) {
        if *left_out == self.left_out {
            return;
        }
        self.left_out = left_out.clone();
        let (source, count) = (self.name, left_out.count());
        if left_out.is_empty() {
            tracing::info!(source, "nothing is left out any more");
        } else {
            tracing::warn!(source, count, keys = %left_out, "what is no route is left out");
        }
    }

    fn log(&self, polled: &Result<PollOutcome, Missed>, outcome: PollOutcome) {
        let was_missed = self.last.is_some_and(PollOutcome::is_missed);
        match polled {
            // An outage of hours is one line and not one for each poll.
            Err(missed) if self.last != Some(outcome) => {
                let (source, reason) = (self.name, outcome.as_str());
                let is_held = self.table.is_some();
                tracing::warn!(source, reason, error = %missed, is_held, "poll brought no table");
            }
            Ok(_) if was_missed => tracing::info!(source = self.name, "polls succeed again"),
            _ => {}
        }
        if let (PollOutcome::Changed, Some(table)) = (outcome, &self.table) {
            let (routes, tag) = (table.len(), table.entity_tag());
            tracing::info!(source = self.name, routes, %tag, "table changed");
        }
    }
}
