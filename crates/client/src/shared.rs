//! State that all drivers of one run share: on one thread, and so without locks.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Instant;

use crate::capture::ExchangeLog;
use crate::conditions::RecentConditions;
use crate::counts::{Meter, RunCounts};
use crate::load::{Load, Milestone};
use crate::target::PollTarget;

/// Target, load and counts of one run.
pub(crate) struct SharedRun {
    pub(crate) target: PollTarget,
    pub(crate) load: Load,
    pub(crate) start: Instant,
    pub(crate) counts: RunCounts,
    /// The log of exchanges, if one was asked for.
    pub(crate) recorder: Option<RefCell<ExchangeLog>>,
    pub(crate) conditions: RefCell<RecentConditions>,
    pub(crate) milestone: Cell<Milestone>,
}

impl SharedRun {
    /// State of a run that begins now.
    pub(crate) fn new(target: &PollTarget, load: &Load, meter: &Arc<Meter>) -> Self {
        let start = Instant::now();
        Self {
            target: target.clone(),
            load: *load,
            start,
            counts: RunCounts::new(load, meter),
            recorder: load.capture.map(|capture| RefCell::new(ExchangeLog::new(capture, start))),
            conditions: RefCell::default(),
            milestone: Cell::default(),
        }
    }
}
