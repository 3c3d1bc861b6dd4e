//! The polling engine: one loop for every cadence.
//!
//! A *driver* owns some of the clients and the connections they share, and makes their polls one
//! after the other. Lock-step is one driver with all of them; otherwise there is a driver per
//! connection, so that as many polls are in flight. All drivers run on one thread and share one
//! tally without locks.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use measure::record::WindowRecord;
use measure::{Tally, Transcript};
use tokio::task::{JoinSet, LocalSet};

use crate::cadence::{Cadence, OpenLoop};
use crate::capture::ExchangeLog;
use crate::counts::{ContentChange, Meter, RunCounts};
use crate::driver::{Driver, SharedRun};
use crate::load::{Load, Milestone};
use crate::pacing::Pacer;
use crate::pen::Pen;
use crate::target::PollTarget;

/// Result of a run of polls.
#[derive(Debug)]
pub struct PollOutcome<E> {
    /// All counts, also when the run was cut short.
    pub tally: Tally,
    /// The exchanges as they were on the wire; `None` without [`Load::capture`].
    pub transcript: Option<Transcript>,
    /// Changes of the clients' contents in order of time, the first content of each client
    /// included. Empty without [`Load::log_changes`]. One entry for each such poll: a server whose
    /// content never rests makes it long.
    pub changes: Vec<ContentChange>,
    /// True if all polls were made.
    pub complete: bool,
    /// Error of the caller's milestone, if it gave up.
    pub failure: Option<E>,
}

impl<E> PollOutcome<E> {
    /// Outcome of a run that was stopped before its first poll.
    pub fn nothing() -> Self {
        Self {
            tally: Tally::default(),
            transcript: None,
            changes: Vec::new(),
            complete: false,
            failure: None,
        }
    }
}

/// Makes the polls of `load` at `target`.
///
/// `reach(round)` is awaited before each round named in `milestones` (ascending, from 0). In
/// lock-step and shuffled cadence no poll is in flight meanwhile; an open loop does not wait.
/// As soon as `stop` completes, the polls in flight are abandoned and the counts are returned.
///
/// Runs on the calling thread, which needs a current-thread runtime with time and I/O.
pub async fn poll<E>(
    target: &PollTarget,
    load: &Load,
    milestones: &[u32],
    reach: impl AsyncFnMut(u32) -> Result<Milestone, E>,
    meter: &Arc<Meter>,
    stop: impl Future<Output = ()>,
) -> PollOutcome<E> {
    let (start, began) = (Instant::now(), SystemTime::now());
    let recorder = load.capture.map(|capture| RefCell::new(ExchangeLog::new(capture, start)));
    let shared = Rc::new(SharedRun {
        peer: target.peer(),
        target: target.clone(),
        load: *load,
        start,
        counts: RunCounts::new(load, meter),
        recorder,
        conditions: RefCell::default(),
        milestone: Cell::default(),
    });
    let local = LocalSet::new();
    let work = local.run_until(make_polls(&shared, milestones, reach));
    // An order to stop wins over polls that are always ready.
    let result = tokio::select! {
        biased;
        () = stop => None,
        result = work => Some(result),
    };
    // Ends whatever is still in flight, so that the tally has one owner again.
    drop(local);
    let (mut tally, changes) = shared.counts.take();
    tally.elapsed = shared.start.elapsed();
    let from = began.duration_since(UNIX_EPOCH).unwrap_or_default();
    let micros = |time: Duration| time.as_micros() as u64;
    // A process without clients of its own polled at no time.
    let window = WindowRecord::of(micros(from), micros(from + tally.elapsed));
    tally.window = (tally.verdicts.total() > 0).then_some(window);
    tally.bytes.tls = shared.peer.tls_bytes();
    tally.bytes.framing = shared.peer.framing_bytes(tally.bytes.requests, tally.bytes.responses());
    PollOutcome {
        tally,
        transcript: shared.recorder.as_ref().map(|recorder| recorder.borrow_mut().take()),
        changes,
        complete: matches!(result, Some(Ok(()))),
        failure: result.and_then(Result::err),
    }
}

async fn make_polls<E>(
    shared: &Rc<SharedRun>,
    milestones: &[u32],
    reach: impl AsyncFnMut(u32) -> Result<Milestone, E>,
) -> Result<(), E> {
    match shared.load.cadence {
        Cadence::OpenLoop { interval, jitter } => {
            open_loop(shared, milestones, reach, interval, jitter).await
        }
        Cadence::Lockstep | Cadence::Shuffled => in_rounds(shared, milestones, reach).await,
    }
}

async fn in_rounds<E>(
    shared: &Rc<SharedRun>,
    milestones: &[u32],
    mut reach: impl AsyncFnMut(u32) -> Result<Milestone, E>,
) -> Result<(), E> {
    let end = shared.load.rounds.count();
    let mut drivers = Driver::all(shared);
    let mut from = 0;
    for &milestone in milestones.iter().filter(|&&milestone| milestone < end) {
        // All drivers stop for a milestone, so that every poll is before or after it.
        drivers = make_rounds(drivers, shared, from..milestone).await;
        shared.milestone.set(reach(milestone).await?);
        from = milestone;
    }
    make_rounds(drivers, shared, from..end).await;
    Ok(())
}

/// All drivers make their polls of these rounds; returns when the last of them is done.
async fn make_rounds(drivers: Vec<Driver>, shared: &SharedRun, rounds: Range<u32>) -> Vec<Driver> {
    let pen = Rc::new(RefCell::new(Pen::new(drivers.len(), shared.load.seed, rounds.start)));
    let mut running = JoinSet::new();
    for mut driver in drivers {
        let (pen, rounds) = (Rc::clone(&pen), rounds.clone());
        running.spawn_local(async move {
            driver.make_rounds(rounds, &pen).await;
            driver
        });
    }
    running.join_all().await
}

async fn open_loop<E>(
    shared: &Rc<SharedRun>,
    milestones: &[u32],
    mut reach: impl AsyncFnMut(u32) -> Result<Milestone, E>,
    interval: Duration,
    jitter: f64,
) -> Result<(), E> {
    let drivers = Driver::all(shared);
    let Load { rounds, share, seed, .. } = shared.load;
    let schedule = OpenLoop::new(rounds, share, interval, jitter, seed);
    // The pacer's thread ends when it is dropped, which is when the polls are done or abandoned.
    let (_pacer, queues) = Pacer::start(schedule, share.step, drivers.len() as u32, shared.start);
    let mut running = JoinSet::new();
    for (driver, queue) in drivers.into_iter().zip(queues) {
        running.spawn_local(driver.poll_when_due(queue));
    }
    let script = async {
        for &milestone in milestones {
            let due = shared.start + interval * milestone;
            tokio::time::sleep_until(due.into()).await;
            shared.milestone.set(reach(milestone).await?);
        }
        Ok(())
    };
    let polls = async {
        running.join_all().await;
    };
    // A milestone beyond the last poll is not waited for; one that fails ends the run.
    tokio::pin!(script, polls);
    tokio::select! {
        () = &mut polls => Ok(()),
        result = &mut script => {
            result?;
            polls.await;
            Ok(())
        }
    }
}
