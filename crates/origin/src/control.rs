//! The orders that a replica takes over [`stdio`], and its reports.
//!
//! ```text
//! replica ◄─ {"change":{"source":"/path/of/new/content","edition":1,"modified_ms":1767600000000}}
//! replica ─► {"changed":{"edition":1,"entity_tag":"\"41\""}}
//! ```
//!
//! Where tags are shared, a harness can order the steps of a change one by one, stop a request
//! where a race is decided, and declare the current content, which an answer without content cannot
//! know:
//!
//! ```text
//! {"change":{"source":"…","edition":1,"steps":["publish"]}}   steps: announce, commit, publish
//! {"declare":{"source":"…","edition":1}}                      {"declared":{"edition":1}}
//! {"hold":{"at":"create"}}                                    {"holding":{}}
//! {"await_held":{}}                                           {"held":{}}
//! {"release":{}}                                              {"released":{}}
//! {"pace":{"poll_interval_ms":-1}}                            {"paced":{}}
//! {"counts":{}}                                               {"counts":{"requests":12,…}}
//! ```
//!
//! [`stdio`]: server::stdio

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use server::stdio::{self, Messages, Report};
use system::{FileError, file};
use tokio::io::{AsyncBufRead, AsyncWrite};
use tokio::task::spawn_blocking;

use crate::accounts::ReplicaCounts;
use crate::replica::{ChangeStep, ContentSource, Replica};
use crate::shared_tags::Gate;

/// An order to a replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReplicaOrder {
    /// Deploy the content of a file.
    Change {
        /// The file to copy.
        source: PathBuf,
        /// Number of the state that this makes, for declarations.
        #[serde(default)]
        edition: Option<u32>,
        /// Modification time for the replica's copy, in milliseconds since
        /// 1970-01-01T00:00:00Z; without it, the time of the deploy.
        #[serde(default)]
        modified_ms: Option<u64>,
        /// The steps to make, in their order; without them, the whole change. Those of shared tags
        /// mean something only where there are some.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        steps: Option<Vec<ChangeStep>>,
    },
    /// Declare this as the truth wherever an answer is given from a shared tag alone.
    Declare {
        /// The file that holds the content.
        source: PathBuf,
        /// The number of that state.
        #[serde(default)]
        edition: Option<u32>,
    },
    /// Stop the next request that comes to this point.
    Hold {
        /// The point.
        at: HoldingPoint,
    },
    /// Report as soon as a request has stopped.
    AwaitHeld {},
    /// Let stopped requests go on, and stop none any more.
    Release {},
    /// Send this `Poll-Interval` from now on.
    Pace {
        /// In milliseconds; -1 asks clients to stop, `null` sends no field.
        poll_interval_ms: Option<i64>,
    },
    /// Report what was counted since the start.
    Counts {},
}

impl stdio::Order for ReplicaOrder {
    type Report = ReplicaReport;
}

/// A point at which a request can be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldingPoint {
    /// It has found no tag in the store and is about to create one.
    Create,
}

/// The report of a replica that has carried out an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReplicaReport {
    /// The ordered change is being served.
    Changed {
        /// As ordered.
        edition: Option<u32>,
        /// The new tag in the form of its field, octets that are not UTF-8 replaced; `null` where
        /// the strategy makes none.
        entity_tag: Option<String>,
    },
    /// Answers from a shared tag declare this content from now on.
    Declared {
        /// As ordered.
        edition: Option<u32>,
    },
    /// The next request will be stopped.
    Holding {},
    /// A request has stopped.
    Held {},
    /// No request is stopped any more.
    Released {},
    /// Responses carry the new `Poll-Interval`.
    Paced {},
    /// Counts since the start.
    Counts(ReplicaCounts),
}

/// Carries out orders one after the other, each answered with one report; returns when they end.
///
/// Requests go on being answered meanwhile. An error means that one of the two streams broke.
pub async fn obey(
    mut orders: Messages<impl AsyncBufRead + Unpin>,
    mut reports: impl AsyncWrite + Unpin,
    replica: Arc<Replica>,
) -> io::Result<()> {
    while let Some(report) = next_report(&mut orders, &replica).await? {
        stdio::send(&mut reports, &report).await?;
    }
    Ok(())
}

/// Carries out the next order and returns its report, which is still to be sent; `None` when the
/// orders end.
pub async fn next_report(
    orders: &mut Messages<impl AsyncBufRead + Unpin>,
    replica: &Arc<Replica>,
) -> io::Result<Option<Report<ReplicaReport>>> {
    let Some(order) = orders.next().await? else { return Ok(None) };
    let result = match order {
        // The end of the orders must not wait for a request that may never come.
        Ok(ReplicaOrder::AwaitHeld {}) => tokio::select! {
            held = held(replica) => held,
            closed = orders.closed() => return closed.map(|()| None),
        },
        Ok(order) => carry_out(order, replica).await,
        Err(error) => Err(format!("order not understood: {error}")),
    };
    Ok(Some(result.map_or_else(|reason| Report::Failed { reason }, Report::Own)))
}

async fn carry_out(order: ReplicaOrder, replica: &Arc<Replica>) -> Result<ReplicaReport, String> {
    match order {
        ReplicaOrder::Change { source, edition, modified_ms, steps } => {
            let modified = modified_ms.map(|ms| UNIX_EPOCH + Duration::from_millis(ms));
            let change = move |replica: &Replica| {
                let source = ContentSource::File(&source);
                let tag = replica.change(source, edition, modified, steps.as_deref())?;
                let entity_tag = tag.map(|tag| tag.to_string());
                Ok(ReplicaReport::Changed { edition, entity_tag })
            };
            blocking(replica, change).await
        }
        ReplicaOrder::Declare { source, edition } => {
            let declare = move |replica: &Replica| {
                let content = file::read(&source, file::CONTENT)?;
                replica.declare(&content, edition);
                Ok(ReplicaReport::Declared { edition })
            };
            blocking(replica, declare).await
        }
        ReplicaOrder::Hold { at: HoldingPoint::Create } => {
            gate(replica)?.hold();
            Ok(ReplicaReport::Holding {})
        }
        ReplicaOrder::AwaitHeld {} => held(replica).await,
        ReplicaOrder::Release {} => {
            gate(replica)?.release();
            Ok(ReplicaReport::Released {})
        }
        ReplicaOrder::Pace { poll_interval_ms } => {
            replica.set_poll_interval_ms(poll_interval_ms);
            Ok(ReplicaReport::Paced {})
        }
        ReplicaOrder::Counts {} => Ok(ReplicaReport::Counts(replica.counts())),
    }
}

/// Runs an order that may block on a thread that may.
async fn blocking(
    replica: &Arc<Replica>,
    order: impl FnOnce(&Replica) -> Result<ReplicaReport, FileError> + Send + 'static,
) -> Result<ReplicaReport, String> {
    let replica = Arc::clone(replica);
    match spawn_blocking(move || order(&replica)).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(error) => Err(format!("order ended early: {error}")),
    }
}

async fn held(replica: &Replica) -> Result<ReplicaReport, String> {
    gate(replica)?.held().await;
    Ok(ReplicaReport::Held {})
}

fn gate(replica: &Replica) -> Result<&Gate, String> {
    let shared = replica.shared_tags.as_ref();
    let gate = shared.map(|shared| &shared.gate);
    gate.ok_or_else(|| "without shared tags no request creates one".to_owned())
}
