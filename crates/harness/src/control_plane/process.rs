//! A process of the control plane: one of our own commands under `--control stdio`.
//!
//! It tells its address on its standard output, answers orders there, and ends with its standard
//! input; what it complains of goes to a log. What it is for is not known here.

use std::ffi::OsString;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::fleet::{cpu_of_process, last_lines};
use crate::guarded::PATIENCE;

/// Why a process of the control plane does not do its part.
#[derive(Debug, Error)]
pub enum ProcessError {
    /// It cannot be started at all.
    #[error("cannot start the {what}: {error}")]
    Start {
        /// Which.
        what: String,
        /// Why.
        error: std::io::Error,
    },
    /// It ended on its own.
    #[error("the {what} ended unexpectedly{output}")]
    Ended {
        /// Which.
        what: String,
        /// The end of its log, which does not outlive the run, as an appendix.
        output: String,
    },
    /// It runs but does not answer.
    #[error("the {what} did not tell {asked} within {} s{output}", PATIENCE.as_secs())]
    Silent {
        /// Which.
        what: String,
        /// What was waited for.
        asked: String,
        /// The end of its log, as an appendix.
        output: String,
    },
    /// It answered something else.
    #[error("the {what} answered `{answer}`")]
    Unexpected {
        /// Which.
        what: String,
        /// Its words.
        answer: String,
    },
}

/// A running process; dropping it kills it.
#[derive(Debug)]
pub(super) struct Process {
    what: String,
    log: PathBuf,
    child: Child,
    orders: Option<ChildStdin>,
    reports: Lines<BufReader<ChildStdout>>,
    address: SocketAddr,
    cpu_at_end: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ready {
    Ready { address: SocketAddr },
}

impl Process {
    /// Starts `program` with these arguments; returns when it has told its address. `log` is
    /// continued if it is there.
    pub(super) async fn start(
        what: &str,
        program: &Path,
        arguments: &[OsString],
        log: PathBuf,
    ) -> Result<Self, ProcessError> {
        let failed = |error| ProcessError::Start { what: what.to_owned(), error };
        let output = File::options().create(true).append(true).open(&log).map_err(failed)?;
        let mut child = Command::new(program)
            .args(arguments)
            .args(["--control", "stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(output)
            // Ctrl-C is for the lab, which first saves what was measured.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let orders = child.stdin.take();
        let reports = child.stdout.take().expect("standard output is piped");
        let mut process = Self {
            what: what.to_owned(),
            log,
            child,
            orders,
            reports: BufReader::new(reports).lines(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            cpu_at_end: None,
        };
        let Ready::Ready { address } = process.report("its address").await?;
        process.address = address;
        Ok(process)
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives an order and returns the report that answers it.
    pub(super) async fn ask<R: for<'de> Deserialize<'de>>(
        &mut self,
        order: &impl Serialize,
        asked: &str,
    ) -> Result<R, ProcessError> {
        let mut line = serde_json::to_string(order).expect("an order is plain data");
        line.push('\n');
        if let Some(orders) = &mut self.orders
            && orders.write_all(line.as_bytes()).await.is_err()
        {
            return Err(self.ended());
        }
        self.report(asked).await
    }

    async fn report<R: for<'de> Deserialize<'de>>(
        &mut self,
        asked: &str,
    ) -> Result<R, ProcessError> {
        match tokio::time::timeout(PATIENCE, self.reports.next_line()).await {
            Err(_elapsed) => Err(self.silent(asked)),
            Ok(Ok(Some(line))) => serde_json::from_str(&line)
                .map_err(|_| ProcessError::Unexpected { what: self.what.clone(), answer: line }),
            Ok(Ok(None) | Err(_)) => Err(self.ended()),
        }
    }

    /// The error that it does not answer.
    pub(super) fn silent(&self, asked: &str) -> ProcessError {
        ProcessError::Silent {
            what: self.what.clone(),
            asked: asked.to_owned(),
            output: last_lines(&self.log),
        }
    }

    fn ended(&self) -> ProcessError {
        ProcessError::Ended { what: self.what.clone(), output: last_lines(&self.log) }
    }

    /// CPU time so far, or until it was killed; `None` where the system does not tell.
    pub(super) fn cpu(&self) -> Option<Duration> {
        self.cpu_at_end.or_else(|| cpu_of_process(self.child.id()?))
    }

    /// `kill -9`; returns when it is gone.
    pub(super) async fn kill(&mut self) {
        self.cpu_at_end = self.cpu();
        // An error means that it is gone already, which is what was asked for.
        let _ = self.child.kill().await;
    }

    /// The end of its standard input is the order to stop.
    pub(super) async fn stop(mut self) {
        drop(self.orders.take());
        if tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
            self.kill().await;
        }
    }
}
