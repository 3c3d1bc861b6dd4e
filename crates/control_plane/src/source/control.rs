//! The one order that a source takes over [`stdio`], and its report.
//!
//! ```text
//! source ◄─ {"counts":{}}
//! source ─► {"counts":{"requests":240,"content_bytes":1966080}}
//! ```
//!
//! [`stdio`]: server::stdio

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use server::stdio::{self, Messages, Report};
use tokio::io::{AsyncBufRead, AsyncWrite};

use crate::source::serve::SourceState;

/// An order to a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SourceOrder {
    /// Report what was asked for since the start.
    Counts {},
}

impl stdio::Order for SourceOrder {
    type Report = SourceReport;
}

/// The report of a source that has carried out an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SourceReport {
    /// Counts since the start.
    Counts(SourceCounts),
}

/// Requests to a source since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCounts {
    /// Requests for the list, whatever the answer.
    pub requests: u64,
    /// Content of the answers, in bytes.
    pub content_bytes: u64,
}

/// Answers each order with one report; returns when they end.
pub async fn obey(
    mut orders: Messages<impl AsyncBufRead + Unpin>,
    mut reports: impl AsyncWrite + Unpin,
    state: Arc<SourceState>,
) -> io::Result<()> {
    while let Some(order) = orders.next().await? {
        let report = match order {
            Ok(SourceOrder::Counts {}) => Report::Own(SourceReport::Counts(state.counts())),
            Err(error) => Report::Failed { reason: format!("order not understood: {error}") },
        };
        stdio::send(&mut reports, &report).await?;
    }
    Ok(())
}
