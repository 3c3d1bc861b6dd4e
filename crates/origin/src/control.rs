//! Changes ordered over stdin and stdout by a harness: one JSON object a line, in each direction.
//!
//! ```text
//! replica ◄─ {"change":{"source":"/path/of/new/content","edition":1,"modified_ms":1767600000000}}
//! replica ─► {"changed":{"edition":1,"entity_tag":"\"41\""}}
//! ```
//!
//! The end of the orders is the order to stop. Opens neither stdin nor stdout itself.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::task::spawn_blocking;

use crate::replica::{Replica, Source};

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
    },
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
                Ok(order) => carry_out(order, &replica).await,
                Err(error) => Report::Failed { reason: format!("order not understood: {error}") },
            };
            report(&mut reports, &answer).await?;
        }
        line.clear();
    }
    Ok(())
}

async fn carry_out(order: Order, replica: &Arc<Replica>) -> Report {
    let Order::Change { source, edition, modified_ms } = order;
    let modified = modified_ms.map(|ms| UNIX_EPOCH + Duration::from_millis(ms));
    let replica = Arc::clone(replica);
    let deployed =
        spawn_blocking(move || replica.deploy(Source::File(&source), edition, modified)).await;
    match deployed {
        Ok(Ok(tag)) => Report::Changed { edition, entity_tag: tag.map(|tag| tag.to_string()) },
        Ok(Err(error)) => Report::Failed { reason: error.to_string() },
        Err(error) => Report::Failed { reason: format!("deploy ended early: {error}") },
    }
}
