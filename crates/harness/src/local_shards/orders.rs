//! Orders of a run to the processes that make its polls, and their reports.
//!
//! ```text
//! part ◄─ {"arm":{"scenario":"…","arm":0,"address":"127.0.0.1:40123","paths":["/api/config"],…}}
//! part ─► {"prepared":{}}
//! part ◄─ {"begin":{}}
//! part ─► {"reached":{"round":25}}                      it waits before this round
//! part ◄─ {"reached":{"complete_changes":1,…}}          and goes on
//! part ─► {"polled":{"polls":1200,…}}                   now and then
//! part ─► {"done":{"record":{…},"changes":[],"complete":true}}
//! ```

use std::net::SocketAddr;
use std::time::Duration;

use client::{ContentChange, Milestone};
use measure::record::ArmRecord;
use serde::{Deserialize, Serialize};
use server::stdio::Order;

/// An order to a part.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum PartOrder {
    /// Get ready for an arm.
    Arm(ArmOrder),
    /// Begin to poll.
    Begin {},
    /// Go on: the milestone is reached.
    Reached(MilestoneOrder),
    /// End, and report what was measured. So does the end of the orders.
    Stop {},
}

impl Order for PartOrder {
    type Report = PartReport;
}

/// Target and load, as far as the scenario does not say them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArmOrder {
    /// Fingerprint of the scenario, which the part has read by itself.
    pub(super) scenario: String,
    /// Index of the arm.
    pub(super) arm: usize,
    /// The balancer.
    pub(super) address: SocketAddr,
    /// Paths that clients poll in turn.
    pub(super) paths: Vec<String>,
    /// Rounds to wait before.
    pub(super) milestones: Vec<u32>,
    /// Asks for the changes of the clients' contents.
    pub(super) log_changes: bool,
}

/// A [`Milestone`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MilestoneOrder {
    complete_changes: u32,
    edition: u32,
    reconnects: u32,
    resumes: u32,
    pollers: Option<u32>,
}

impl From<Milestone> for MilestoneOrder {
    fn from(milestone: Milestone) -> Self {
        let Milestone { complete_changes, edition, reconnects, resumes, pollers } = milestone;
        Self { complete_changes, edition, reconnects, resumes, pollers }
    }
}

impl From<MilestoneOrder> for Milestone {
    fn from(order: MilestoneOrder) -> Self {
        let MilestoneOrder { complete_changes, edition, reconnects, resumes, pollers } = order;
        Self { complete_changes, edition, reconnects, resumes, pollers }
    }
}

/// Report of a part.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum PartReport {
    /// It may begin.
    Prepared {},
    /// It waits before this round.
    Reached { round: u32 },
    /// Counts so far, for a display.
    Polled { polls: u64, conditional: u64, not_modified: u64 },
    /// Its polls are over.
    Done(Box<DoneReport>),
}

/// Counts of a part.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DoneReport {
    /// Everything that adds up.
    pub(super) record: ArmRecord,
    /// Changes of contents, if they were asked for.
    pub(super) changes: Vec<ChangeReport>,
    /// True if all polls were made.
    pub(super) complete: bool,
}

/// A [`ContentChange`]: client, content, and microseconds since the start.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ChangeReport(u32, String, u64);

impl From<&ContentChange> for ChangeReport {
    fn from(change: &ContentChange) -> Self {
        Self(change.poller, change.content.to_string(), change.at.as_micros() as u64)
    }
}

impl ChangeReport {
    pub(super) fn read(&self) -> Option<ContentChange> {
        let Self(poller, content, micros) = self;
        let (content, at) = (content.parse().ok()?, Duration::from_micros(*micros));
        Some(ContentChange { poller: *poller, content, at })
    }
}
