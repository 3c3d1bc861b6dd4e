//! Changes ordered over stdin and stdout by a harness: one JSON object a line, in each direction.
//!
//! ```text
//! replica ◄─ {"change":{"source":"/path/of/new/content","edition":1,"modified_ms":1767600000000}}
//! replica ─► {"changed":{"edition":1,"entity_tag":"\"41\""}}
//! ```
//!
//! Where tags are shared, a harness can order the steps of a change one by one, stop a request where a
//! race is decided, and say what is true, because the answers without content cannot know it:
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
//! Each order has one report, and the end of the orders is the order to stop. Opens neither stdin nor
//! stdout itself.

use std::fmt::Display;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::spawn_blocking;

use crate::accounts::Counts;
use crate::copy::FileError;
use crate::replica::{ChangeStep, Replica, Source};
use crate::shared::Gate;

/// What a harness tells a replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
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
        /// Where.
        at: HoldingPoint,
    },
    /// Report as soon as a request has stopped.
    AwaitHeld {},
    /// Let it go on, or stop none any more.
    Release {},
    /// Tell clients from now on how often to poll.
    Pace {
        /// In milliseconds; -1 tells them to stop, `null` tells them nothing.
        poll_interval_ms: Option<i64>,
    },
    /// Report what was counted since the start.
    Counts {},
}

/// Where a request can be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldingPoint {
    /// Where it has found no tag in the store and is about to create one.
    Create,
}

/// What a replica tells its harness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Report {
    /// The address is taken; connections are accepted once the first change is being served.
    Ready {
        /// Where.
        address: SocketAddr,
    },
    /// The ordered change is being served.
    Changed {
        /// As ordered.
        edition: Option<u32>,
        /// The new tag in the form of its field, octets that are not UTF-8 replaced; `null` where
        /// the strategy makes none.
        entity_tag: Option<String>,
    },
    /// The truth is known.
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
    /// Clients are told.
    Paced {},
    /// What was counted.
    Counts(Counts),
    /// An order was not understood or not carried out; what was served before is served on.
    Failed {
        /// Why, in one line.
        reason: String,
    },
}

/// Writes one report and flushes it.
pub async fn report(reports: &mut (impl AsyncWrite + Unpin), report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    reports.write_all(&line).await?;
    reports.flush().await
}

/// Carries out orders one after the other, each answered with one report; returns when they end.
///
/// Requests go on being answered meanwhile. Blank lines are skipped; what is no order is answered
/// with `failed`. An error means that one of the two streams broke.
pub async fn obey(
    mut orders: impl AsyncBufRead + Unpin,
    mut reports: impl AsyncWrite + Unpin,
    replica: Arc<Replica>,
) -> io::Result<()> {
    let mut line = Vec::new();
    while orders.read_until(b'\n', &mut line).await? > 0 {
        if !line.trim_ascii().is_empty() {
            let answer = match serde_json::from_slice(&line) {
                // The end of the orders must not wait for a request that may never come.
                Ok(Order::AwaitHeld {}) => tokio::select! {
                    held = held(&replica) => held,
                    ended = end_of(&mut orders) => return ended,
                },
                Ok(order) => carry_out(order, &replica).await,
                Err(error) => failed(&format_args!("order not understood: {error}")),
            };
            report(&mut reports, &answer).await?;
        }
        line.clear();
    }
    Ok(())
}

/// Completes when there are no orders any more; not while there is one that waits for its turn.
async fn end_of(orders: &mut (impl AsyncBufRead + Unpin)) -> io::Result<()> {
    if orders.fill_buf().await?.is_empty() { Ok(()) } else { std::future::pending().await }
}

async fn carry_out(order: Order, replica: &Arc<Replica>) -> Report {
    match order {
        Order::Change { source, edition, modified_ms, steps } => {
            let modified = modified_ms.map(|ms| UNIX_EPOCH + Duration::from_millis(ms));
            let change = move |replica: &Replica| {
                let source = Source::File(&source);
                let tag = replica.change(source, edition, modified, steps.as_deref())?;
                Ok(Report::Changed { edition, entity_tag: tag.map(|tag| tag.to_string()) })
            };
            aside(replica, change).await
        }
        Order::Declare { source, edition } => {
            let declare = move |replica: &Replica| {
                let content = fs::read(&source).map_err(FileError::refused("read", &source))?;
                replica.declare(&content, edition);
                Ok(Report::Declared { edition })
            };
            aside(replica, declare).await
        }
        Order::Hold { at: HoldingPoint::Create } => {
            at_gate(replica, Gate::hold, Report::Holding {})
        }
        Order::AwaitHeld {} => held(replica).await,
        Order::Release {} => at_gate(replica, Gate::release, Report::Released {}),
        Order::Pace { poll_interval_ms } => {
            replica.set_poll_interval_ms(poll_interval_ms);
            Report::Paced {}
        }
        Order::Counts {} => Report::Counts(replica.counts()),
    }
}

/// Does what may block, on a thread that may.
async fn aside(
    replica: &Arc<Replica>,
    order: impl FnOnce(&Replica) -> Result<Report, FileError> + Send + 'static,
) -> Report {
    let replica = Arc::clone(replica);
    match spawn_blocking(move || order(&replica)).await {
        Ok(Ok(report)) => report,
        Ok(Err(error)) => failed(&error),
        Err(error) => failed(&format_args!("order ended early: {error}")),
    }
}

fn at_gate(replica: &Replica, order: impl FnOnce(&Gate), done: Report) -> Report {
    let Some(sharing) = &replica.sharing else { return no_gate() };
    order(&sharing.gate);
    done
}

async fn held(replica: &Replica) -> Report {
    let Some(sharing) = &replica.sharing else { return no_gate() };
    sharing.gate.held().await;
    Report::Held {}
}

fn no_gate() -> Report {
    failed(&"without shared tags no request creates one")
}

fn failed(reason: &dyn Display) -> Report {
    Report::Failed { reason: reason.to_string() }
}
