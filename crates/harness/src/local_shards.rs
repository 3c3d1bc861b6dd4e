//! The polls of an arm in several processes on this machine: each makes its part of the one schedule, and
//! their counts are added up to what one process would have counted.
//!
//! ```text
//! run ─► tier, gateway ◄──polls── part 0 … part n−1     the same program, the same scenario
//!  └──────────── orders and reports, stdio ──┘
//! ```
//!
//! The run keeps what there is once: servers, timeline, account. Parts are those of [`crate::shard`] and
//! the sum is that of records of shards; only the start and the milestones come over [`stdio`] rather than
//! from a barrier.
//!
//! [`stdio`]: server::stdio

mod orders;
mod part;
mod parts;

use std::net::SocketAddr;

use client::{Load, Milestone, PollOutcome};
use measure::record::ScenarioRecord;
use scenario::{Replica, Scenario};

use self::orders::PartOrder;
pub use self::part::serve as serve_part;
use self::parts::{Part, Parts};
use crate::error::RunError;
use crate::process::PATIENCE;
use crate::shard::{self, LocalShards, Shard, ShardError};
use crate::stage::Stage;

/// Reason why the polls of a scenario are not divided.
#[derive(Debug, thiserror::Error)]
pub enum UndividedError {
    /// A schedule that cannot be divided.
    #[error("arm `{0}`: {1}")]
    Schedule(String, ShardError),
    /// Replicas whose contents only one process can follow.
    #[error("arm `{0}`: the contents of a program of your own are followed by one process alone")]
    Program(String),
}

/// Refuses scenarios whose polls cannot be divided.
pub fn check_divisible(scenario: &Scenario) -> Result<(), UndividedError> {
    for arm in &scenario.arms {
        shard::check(arm.setup.cadence, true)
            .map_err(|error| UndividedError::Schedule(arm.name.clone(), error))?;
        if matches!(arm.replica, Replica::Command(_)) {
            return Err(UndividedError::Program(arm.name.clone()));
        }
    }
    Ok(())
}

/// Target and load of one arm.
pub(crate) struct DividedPolls<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) paths: &'a [String],
    pub(crate) load: &'a Load,
    /// Rounds before which something happens.
    pub(crate) milestones: &'a [u32],
}

/// Makes the polls of an arm, as [`client::poll`] does.
pub(crate) async fn poll(
    stage: &Stage<'_>,
    shards: &LocalShards,
    polls: &DividedPolls<'_>,
    mut reach: impl AsyncFnMut(u32) -> Result<Milestone, RunError>,
    stop: impl Future<Output = ()>,
) -> Result<PollOutcome<RunError>, RunError> {
    let mut parts = Parts::start(stage, shards)?;
    parts.prepare(stage, polls).await?;
    parts.tell_all(&PartOrder::Begin {});
    tokio::pin!(stop);
    let (mut is_stopped, mut deadline) = (false, None);
    while parts.are_under_way() {
        let end = deadline.unwrap_or_else(tokio::time::Instant::now);
        let (part, report) = tokio::select! {
            biased;
            () = &mut stop, if !is_stopped => {
                is_stopped = true;
                deadline = Some(tokio::time::Instant::now() + PATIENCE);
                parts.tell_all(&PartOrder::Stop {});
                continue;
            }
            () = tokio::time::sleep_until(end), if deadline.is_some() => break,
            event = parts.events.recv() => event.expect("each part holds a sender"),
        };
        parts.note(part, report, stage.meter);
        if let Some(round) = parts.reached() {
            let milestone = reach(round).await;
            parts.go_on(milestone);
        }
    }
    let complete =
        !is_stopped && parts.failure.is_none() && parts.all.iter().all(Part::is_complete);
    Ok(parts.outcome(complete))
}

/// The scenario in short, the same for all parts.
fn fingerprint(scenario: &ScenarioRecord) -> String {
    let text = serde_json::to_string(scenario).expect("a record is plain data");
    truth::ContentId::of(text.as_bytes()).to_string()
}
