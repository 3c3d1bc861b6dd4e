//! One process's part of a schedule: which part, and when it begins.
//!
//! Client `c` belongs to part `c mod n`, and keeps its seed, its send times and, where the number of
//! connections can be divided, its connection: the parts are what one process would do, and no more.

mod barrier;

use std::ffi::OsString;
use std::time::{Duration, Instant};

use client::Cadence;
use client::cadence::Share;
use measure::record::{ScenarioRecord, ShardRecord};

pub use barrier::BarrierError;
use barrier::{Meeting, Start};

/// Part `index` of `total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Number of the part, from 0.
    pub index: u32,
    /// Number of parts, at least 1.
    pub total: u32,
}

impl Shard {
    /// Reads `i/n` with `i` below `n`.
    pub fn parse(text: &str) -> Option<Self> {
        let (index, total) = text.split_once('/')?;
        Self::new(index.parse().ok()?, total.parse().ok()?)
    }

    /// The part, if there is one of this number.
    pub fn new(index: u32, total: u32) -> Option<Self> {
        (index < total && total <= ShardRecord::MOST).then_some(Self { index, total })
    }

    pub(crate) fn share(self) -> Share {
        Share { first: self.index, step: self.total }
    }
}

/// Processes that make the polls of a run.
#[derive(Clone, Debug)]
pub struct LocalShards {
    /// Number of processes, at least 1.
    pub total: u32,
    /// Arguments of `etag-lab` that name its command, and those behind them: with `--local-shard I/N`
    /// between the two it becomes one of these processes.
    pub arguments: [Vec<OsString>; 2],
}

/// The way in which shards begin together.
#[derive(Clone, Debug, Default)]
pub enum StartTogether {
    /// At once.
    #[default]
    Now,
    /// At a time of the clock.
    At(jiff::Timestamp),
    /// When all have come to shard 0.
    Barrier {
        /// Host and port of shard 0.
        address: String,
        /// Longest time to wait.
        timeout: Duration,
        /// Starts without those that did not come in time.
        allow_missing: bool,
    },
}

/// Part of a schedule, and its start.
#[derive(Clone, Debug)]
pub struct Sharding {
    /// The part.
    pub shard: Shard,
    /// The start.
    pub start: StartTogether,
}

/// Reason why a schedule is not divided.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// Strict order.
    #[error("lock-step cannot be divided: its order is that of all clients together")]
    Lockstep,
    /// No number of polls.
    #[error("polls that only the time ends cannot be divided: their number is not known")]
    Endless,
    /// A start that is over.
    #[error("the start is {0:?} ago")]
    Past(Duration),
    /// No common start.
    #[error(transparent)]
    Barrier(#[from] BarrierError),
}

/// Refuses schedules that cannot be divided.
pub(crate) fn check(cadence: Cadence, is_counted: bool) -> Result<(), ShardError> {
    match cadence {
        Cadence::Lockstep => Err(ShardError::Lockstep),
        _ if !is_counted => Err(ShardError::Endless),
        _ => Ok(()),
    }
}

/// A start, agreed on or not.
pub(crate) struct Begun(Option<Start>);

impl Sharding {
    /// Waits for the start. `scenario` is the same for all shards.
    pub(crate) async fn begin(&self, scenario: &ScenarioRecord) -> Result<Begun, ShardError> {
        let start = match &self.start {
            StartTogether::Now => return Ok(Begun(None)),
            StartTogether::At(time) => {
                let left = Duration::try_from(time.duration_since(jiff::Timestamp::now()));
                let ago = || jiff::Timestamp::now().duration_since(*time).unsigned_abs();
                let left = left.map_err(|_| ShardError::Past(ago()))?;
                Start { at: Instant::now() + left, uncertainty: Duration::ZERO }
            }
            StartTogether::Barrier { address, timeout, allow_missing } => {
                let meeting = Meeting {
                    address: address.clone(),
                    timeout: *timeout,
                    shard: self.shard,
                    fingerprint: fingerprint(scenario),
                    allow_missing: *allow_missing,
                };
                meeting.attend().await?
            }
        };
        tokio::time::sleep_until(start.at.into()).await;
        Ok(Begun(Some(start)))
    }
}

impl Begun {
    /// Longest time between the start that was agreed on and this moment, in microseconds.
    pub(crate) fn skew_us(&self) -> Option<u64> {
        let start = self.0?;
        let late = start.at.elapsed() + start.uncertainty;
        Some(late.as_micros() as u64)
    }
}

/// A mark of what all shards of one run have in common.
fn fingerprint(scenario: &ScenarioRecord) -> String {
    let text = serde_json::to_string(scenario).expect("a record is plain data");
    truth::ContentId::of(text.as_bytes()).to_string()
}
