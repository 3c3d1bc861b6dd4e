//! State that all drivers of one run share: on one thread, and so without locks.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Instant;

use crate::capture::Recorder;
use crate::conditions::RecentConditions;
use crate::counts::{Counts, Meter};
use crate::load::{Load, Milestone};
use crate::target::PollTarget;

/// Target, load and counts of one run.
pub(crate) struct Shared {
    pub(crate) target: PollTarget,
    pub(crate) load: Load,
    pub(crate) start: Instant,
    pub(crate) counts: Counts,
    /// The log of exchanges, if one was asked for.
    pub(crate) recorder: Option<RefCell<Recorder>>,
    pub(crate) conditions: RefCell<RecentConditions>,
    pub(crate) milestone: Cell<Milestone>,
}

impl Shared {
    /// State of a run that begins now.
    pub(crate) fn new(target: &PollTarget, load: &Load, meter: &Arc<Meter>) -> Self {
        let start = Instant::now();
        Self {
            target: target.clone(),
            load: *load,
            start,
            counts: Counts::new(load, meter),
            recorder: load.capture.map(|capture| RefCell::new(Recorder::new(capture, start))),
            conditions: RefCell::default(),
            milestone: Cell::default(),
        }
    }
}
