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
use measure::{Conduct, Tally, Transcript};
use tokio::task::{JoinSet, LocalSet};

use crate::cadence::{Cadence, OpenLoop};
use crate::capture::ExchangeLog;
use crate::counts::{ContentChange, RunCounts};
use crate::driver::{Driver, SharedRun};
use crate::habit::Habit;
use crate::load::{Load, Milestone, PollMethod};
use crate::meter::Meter;
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
    let shared = shared_run(target, load, meter);
    let work = make_polls(&shared, milestones, reach);
    outcome_of(&shared, work, stop).await
}

/// Makes the polls of `load` in an open loop until `stop` completes, or all have been made; clients
/// start where any number of them, the first ones, is spread over the interval ([`Milestone::pollers`]).
///
/// `first` is the state of the world when polls begin. `next` is awaited again and again, while they go
/// on: each time it returns that state has changed. An error of it ends the polls.
///
/// Runs as [`poll`] does.
///
/// # Panics
///
/// If the cadence of `load` is no open loop.
pub async fn poll_until<E>(
    target: &PollTarget,
    load: &Load,
    first: Milestone,
    next: impl AsyncFnMut() -> Result<Milestone, E>,
    meter: &Arc<Meter>,
    stop: impl Future<Output = ()>,
) -> PollOutcome<E> {
    let Cadence::OpenLoop { interval, .. } = load.cadence else {
        panic!("polls without a schedule have no end but their last one");
    };
    let shared = shared_run(target, load, meter);
    shared.milestone.set(first);
    let schedule = OpenLoop::spread_for_any(load.rounds, interval);
    let (polls, steering) = (open_loop(&shared, schedule), steer(&shared, next));
    let work = async {
        tokio::select! {
            () = polls => Ok(()),
            Err(error) = steering => Err(error),
        }
    };
    outcome_of(&shared, work, stop).await
}

/// Lets the world change, again and again.
async fn steer<E>(
    shared: &SharedRun,
    mut next: impl AsyncFnMut() -> Result<Milestone, E>,
) -> Result<std::convert::Infallible, E> {
    loop {
        shared.milestone.set(next().await?);
    }
}

fn shared_run(target: &PollTarget, load: &Load, meter: &Arc<Meter>) -> Rc<SharedRun> {
    let start = Instant::now();
    let log = |capture| RefCell::new(ExchangeLog::new(capture, start, meter));
    Rc::new(SharedRun {
        peer: target.peer(),
        target: target.clone(),
        load: *load,
        start,
        counts: RunCounts::new(load, meter),
        recorder: load.capture.map(log),
        conditions: RefCell::default(),
        milestone: Cell::default(),
    })
}

async fn outcome_of<E>(
    shared: &Rc<SharedRun>,
    work: impl Future<Output = Result<(), E>>,
    stop: impl Future<Output = ()>,
) -> PollOutcome<E> {
    let began = SystemTime::now();
    let local = LocalSet::new();
    let work = local.run_until(work);
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
    tally.conduct = conduct(shared);
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

fn conduct(shared: &SharedRun) -> Conduct {
    let is_script = shared.target.origins().are_some();
    match (shared.load.caching.habit, shared.load.method) {
        (Habit::StripsQuotes, _) => Conduct::Mangles,
        (Habit::LosesContent, _) => Conduct::LosesContent,
        (Habit::CacheFirst, _) => Conduct::NeverAsks,
        (Habit::NoStore, _) => Conduct::StoresNothing,
        (Habit::CacheOff, _) => Conduct::CacheOff,
        (Habit::InventsDate, _) => Conduct::InventsDate,
        (Habit::Cache | Habit::Heuristic, PollMethod::Head) => Conduct::ByHead,
        _ if is_script => Conduct::Script,
        (Habit::Cache | Habit::Heuristic, PollMethod::Get) => Conduct::Sound,
    }
}

async fn make_polls<E>(
    shared: &Rc<SharedRun>,
    milestones: &[u32],
    reach: impl AsyncFnMut(u32) -> Result<Milestone, E>,
) -> Result<(), E> {
    match shared.load.cadence {
        Cadence::OpenLoop { interval, jitter } => {
            let Load { rounds, share, seed, .. } = shared.load;
            let schedule = OpenLoop::new(rounds, share, interval, jitter, seed);
            follow(shared, schedule, interval, milestones, reach).await
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

/// An open loop whose milestones come at their times.
async fn follow<E>(
    shared: &Rc<SharedRun>,
    schedule: OpenLoop,
    interval: Duration,
    milestones: &[u32],
    mut reach: impl AsyncFnMut(u32) -> Result<Milestone, E>,
) -> Result<(), E> {
    let script = async {
        for &milestone in milestones {
            let due = shared.start + interval * milestone;
            tokio::time::sleep_until(due.into()).await;
            shared.milestone.set(reach(milestone).await?);
        }
        Ok(())
    };
    let polls = open_loop(shared, schedule);
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

/// Makes the polls of a schedule when they are due, whether or not answers come.
async fn open_loop(shared: &Rc<SharedRun>, schedule: OpenLoop) {
    let drivers = Driver::all(shared);
    let step = shared.load.share.step;
    // The pacer's thread ends when it is dropped, which is when the polls are done or abandoned.
    let (_pacer, queues) = Pacer::start(schedule, step, drivers.len() as u32, shared.start);
    let mut running = JoinSet::new();
    for (driver, queue) in drivers.into_iter().zip(queues) {
        running.spawn_local(driver.poll_when_due(queue));
    }
    running.join_all().await;
}
