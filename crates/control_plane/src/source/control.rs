//! Questions of a harness over stdin and stdout: one JSON object a line, in each direction.
//!
//! ```text
//! source ◄─ {"counts":{}}
//! source ─► {"counts":{"requests":240,"content_bytes":1966080}}
//! ```
//!
//! The end of the orders is the order to stop. Opens neither stdin nor stdout itself.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::source::serve::SourceState;

/// What a harness asks a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Order {
    /// How much was asked for so far.
    Counts {},
}

/// What a source tells its harness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Report {
    /// It listens.
    Ready {
        /// Where.
        address: SocketAddr,
    },
    /// How much was asked for.
    Counts(Counts),
    /// An order was not understood.
    Failed {
        /// Why, in one line.
        reason: String,
    },
}

/// What a source has been asked since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Requests for the list, whatever the answer.
    pub requests: u64,
    /// Content of the answers, in bytes.
    pub content_bytes: u64,
}

/// Writes one report and flushes it.
pub async fn report(reports: &mut (impl AsyncWrite + Unpin), report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    reports.write_all(&line).await?;
    reports.flush().await
}

/// Answers each order with one report; returns when they end.
pub async fn obey(
    mut orders: impl AsyncBufRead + Unpin,
    mut reports: impl AsyncWrite + Unpin,
    state: Arc<SourceState>,
) -> io::Result<()> {
    let mut line = Vec::new();
    while orders.read_until(b'\n', &mut line).await? > 0 {
        if !line.trim_ascii().is_empty() {
            let answer = match serde_json::from_slice(&line) {
                Ok(Order::Counts {}) => Report::Counts(state.counts()),
                Err(error) => Report::Failed { reason: format!("order not understood: {error}") },
            };
            report(&mut reports, &answer).await?;
        }
        line.clear();
    }
    Ok(())
}
