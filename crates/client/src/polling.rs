//! The polling engine: one loop for every cadence.
//!
//! A *driver* owns some of the clients and the connections they share, and makes their polls one
//! after the other. Lock-step is one driver with all of them; otherwise there is a driver per
//! connection, so that as many polls are in flight. All drivers live on one thread and share one
//! tally without locks.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use measure::{Tally, Transcript, Verdict};
use tokio::task::{JoinSet, LocalSet};
use truth::ContentId;

use crate::caching::{Caching, OnError};
use crate::cadence::{Cadence, OpenLoop, Rounds};
use crate::capture::{Capture, Recorder};
use crate::driver::Driver;
use crate::pacing::Pacer;
use crate::pen::Pen;
use crate::poller::RecentConditions;
use crate::target::Target;

/// How much is polled, and how.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Clients and polls.
    pub rounds: Rounds,
    /// Their layout in time.
    pub cadence: Cadence,
    /// Of every random choice.
    pub seed: u64,
    /// Connections the clients share; at least 1. Client `c` uses connection `c % connections`.
    pub connections: u32,
    /// Limit for one poll, connecting included.
    pub timeout: Duration,
    /// Whether requests say which client they come from, for a sticky balancer of the lab.
    pub identify_clients: bool,
    /// Keeps a log of the exchanges.
    pub capture: Option<Capture>,
    /// What clients do with what they have stored.
    pub caching: Caching,
    /// What they do with it when a poll fails.
    pub on_error: OnError,
    /// Whether clients poll no sooner than `Poll-Interval` allows, and not at all after `-1`. The
    /// clock is that of [`Caching::round_interval`], in an open loop the real one. A client still
    /// polls in its own slots only: a server can slow it down, not hurry it.
    pub obey_poll_interval: bool,
    /// Whether [`Outcome::takes`] is kept.
    pub log_takes: bool,
}

/// Counts for a progress display; written by the loop, read by anybody.
#[derive(Debug, Default)]
pub struct Meter {
    /// Polls made, and those that the server did not want to be made.
    pub polls: AtomicU64,
    /// Conditional requests among them.
    pub conditional: AtomicU64,
    /// 304s among these.
    pub not_modified: AtomicU64,
}

/// What the caller did at a milestone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Changes that have reached every replica by now.
    pub complete_changes: u32,
    /// Edition that every replica holds now.
    pub edition: u32,
    /// How often all clients have been told to drop their connections.
    pub reconnects: u32,
    /// How often clients that the server has stopped have been told to start again.
    pub resumes: u32,
}

/// A client's content became another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Take {
    /// Which client.
    pub poller: u32,
    /// What it shows from now on.
    pub content: ContentId,
    /// When the last byte of it had come, in real time since the first poll was due.
    pub at: Duration,
}

/// How a run of polls ended.
#[derive(Debug)]
pub struct Outcome<E> {
    /// Everything counted, also when the run was cut short.
    pub tally: Tally,
    /// The exchanges as they were on the wire; `None` unless [`Load::capture`] asked.
    pub transcript: Option<Transcript>,
    /// Every time a client's content became another, in order of time; the first content of each
    /// client included. Empty unless [`Load::log_takes`] asked. One entry for each such poll: a
    /// server whose content never rests makes it long.
    pub takes: Vec<Take>,
    /// Whether all polls were made.
    pub complete: bool,
    /// Why the caller's milestone gave up, if it did.
    pub failure: Option<E>,
}

impl<E> Outcome<E> {
    /// Stopped before the first poll.
    pub fn nothing() -> Self {
        Self {
            tally: Tally::default(),
            transcript: None,
            takes: Vec::new(),
            complete: false,
            failure: None,
        }
    }
}

/// Makes the polls of `load` at `target`.
///
/// `reach(round)` is awaited before each round named in `milestones` (ascending, from 0). In
/// lock-step and shuffled cadence no poll is in flight meanwhile; an open loop does not wait.
/// When `stop` completes, the polls in flight are abandoned and what was counted is returned.
///
/// Runs on the calling thread, which needs a current-thread runtime with time and I/O.
pub async fn poll<E>(
    target: &Target,
    load: &Load,
    milestones: &[u32],
    reach: impl AsyncFnMut(u32) -> Result<Reached, E>,
    meter: &Arc<Meter>,
    stop: impl Future<Output = ()>,
) -> Outcome<E> {
    let start = Instant::now();
    let recorder = load.capture.map(|capture| RefCell::new(Recorder::new(capture, start)));
    let shared = Rc::new(Shared {
        target: target.clone(),
        load: *load,
        start,
        meter: Arc::clone(meter),
        tally: RefCell::default(),
        recorder,
        takes: RefCell::default(),
        conditions: RefCell::default(),
        reached: Cell::default(),
    });
    let local = LocalSet::new();
    let work = local.run_until(make_polls(&shared, milestones, reach));
    let result = tokio::select! {
        biased;
        () = stop => None,
        result = work => Some(result),
    };
    // Ends whatever is still in flight, so that the tally has one owner again.
    drop(local);
    let mut tally = shared.tally.take();
    tally.elapsed = shared.start.elapsed();
    Outcome {
        tally,
        transcript: shared.recorder.as_ref().map(|recorder| recorder.borrow_mut().take()),
        takes: shared.takes.take(),
        complete: matches!(result, Some(Ok(()))),
        failure: result.and_then(Result::err),
    }
}

/// What all drivers of one run have in common.
pub(crate) struct Shared {
    pub(crate) target: Target,
    pub(crate) load: Load,
    pub(crate) start: Instant,
    pub(crate) meter: Arc<Meter>,
    pub(crate) tally: RefCell<Tally>,
    pub(crate) recorder: Option<RefCell<Recorder>>,
    pub(crate) takes: RefCell<Vec<Take>>,
    pub(crate) conditions: RefCell<RecentConditions>,
    pub(crate) reached: Cell<Reached>,
}

async fn make_polls<E>(
    shared: &Rc<Shared>,
    milestones: &[u32],
    mut reach: impl AsyncFnMut(u32) -> Result<Reached, E>,
) -> Result<(), E> {
    match shared.load.cadence {
        Cadence::OpenLoop { interval, jitter } => {
            open_loop(shared, milestones, reach, interval, jitter).await
        }
        Cadence::Lockstep | Cadence::Shuffled => {
            let end = shared.load.rounds.count();
            let mut drivers = Driver::all(shared);
            let mut from = 0;
            for &milestone in milestones.iter().filter(|&&milestone| milestone < end) {
                drivers = make_rounds(drivers, shared, from..milestone).await;
                shared.reached.set(reach(milestone).await?);
                from = milestone;
            }
            make_rounds(drivers, shared, from..end).await;
            Ok(())
        }
    }
}

/// All drivers make their polls of these rounds; returns when the last of them is done.
async fn make_rounds(drivers: Vec<Driver>, shared: &Shared, rounds: Range<u32>) -> Vec<Driver> {
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
    shared: &Rc<Shared>,
    milestones: &[u32],
    mut reach: impl AsyncFnMut(u32) -> Result<Reached, E>,
    interval: Duration,
    jitter: f64,
) -> Result<(), E> {
    let drivers = Driver::all(shared);
    let schedule = OpenLoop::new(shared.load.rounds, interval, jitter, shared.load.seed);
    let (_pacer, queues) = Pacer::start(schedule, drivers.len() as u32, shared.start);
    let mut running = JoinSet::new();
    for (driver, queue) in drivers.into_iter().zip(queues) {
        running.spawn_local(driver.poll_when_due(queue));
    }
    let script = async {
        for &milestone in milestones {
            let due = shared.start + interval * milestone;
            tokio::time::sleep_until(due.into()).await;
            shared.reached.set(reach(milestone).await?);
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

impl Meter {
    /// Counts one poll that was not made.
    pub(crate) fn count_paused(&self) {
        self.polls.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts one poll.
    pub(crate) fn count(&self, conditional: bool, verdict: Verdict) {
        self.polls.fetch_add(1, Ordering::Relaxed);
        if conditional {
            self.conditional.fetch_add(1, Ordering::Relaxed);
            let not_modified = u64::from(verdict.is_not_modified());
            self.not_modified.fetch_add(not_modified, Ordering::Relaxed);
        }
    }
}
