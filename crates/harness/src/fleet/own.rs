//! A replica of the lab: `etag-lab replica --control stdio`.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use origin::control::{Order, Report};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::{Deployment, FleetError, FleetSpec, PATIENCE, Seat, cpu, last_lines};

#[derive(Debug)]
pub(super) struct OwnReplica {
    seat: Seat,
    child: Child,
    orders: Option<ChildStdin>,
    reports: Lines<BufReader<ChildStdout>>,
    address: SocketAddr,
    /// CPU time when it was ready, which is the price of starting and not of any poll.
    cpu_at_start: Duration,
    /// CPU time when it was killed.
    cpu_at_end: Option<Duration>,
}

impl OwnReplica {
    pub(super) fn launch(
        spec: &FleetSpec,
        seat: Seat,
        strategy: &str,
        port: u16,
        changes_seen: u64,
    ) -> Result<Self, FleetError> {
        let log = seat.prepare()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut command = Command::new(&spec.program);
        command
            .args(["replica", "--control", "stdio", "--strategy", strategy])
            .args(["--listen", &address.to_string()])
            .args(["--id", &seat.replica.0.to_string()])
            .args(["--changes-seen", &changes_seen.to_string()])
            .args(["--path", &spec.path])
            .args(["--content-type", &spec.content_type])
            .args(["--cache-control", spec.cache_control.as_deref().unwrap_or_default()])
            .args((!spec.last_modified).then_some("--no-last-modified"))
            // What the lab measures, nobody else may change.
            .arg("--read-only")
            .arg("--copy")
            .arg(&seat.copy)
            .args(store_arguments(spec))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            // Ctrl-C is for the lab, which first saves what was measured.
            .process_group(0)
            .kill_on_drop(true);
        if !spec.codings.is_empty() {
            let codings: Vec<_> = spec.codings.iter().map(|coding| coding.as_str()).collect();
            command.args(["--codings", &codings.join(",")]);
        }
        let mut child = command.spawn().map_err(|error| FleetError::Start {
            replica: seat.replica,
            program: spec.program.display().to_string(),
            error,
        })?;
        let orders = child.stdin.take();
        let reports = child.stdout.take().expect("standard output is piped");
        Ok(Self {
            seat,
            child,
            orders,
            reports: BufReader::new(reports).lines(),
            address,
            cpu_at_start: Duration::ZERO,
            cpu_at_end: None,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn ready(&mut self) -> Result<(), FleetError> {
        loop {
            match self.report("its address").await? {
                Report::Ready { address } => {
                    self.address = address;
                    return Ok(());
                }
                Report::Failed { reason } => return Err(self.refused(reason)),
                _ => {}
            }
        }
    }

    pub(super) async fn deploy(&mut self, deployment: &Deployment) -> Result<(), FleetError> {
        let modified = deployment.modified.duration_since(std::time::UNIX_EPOCH);
        let order = Order::Change {
            source: deployment.source.clone(),
            edition: Some(deployment.edition),
            modified_ms: modified.ok().map(|since| since.as_millis() as u64),
            steps: None,
        };
        let mut line = serde_json::to_string(&order).expect("an order is plain data");
        line.push('\n');
        if let Some(orders) = &mut self.orders
            && orders.write_all(line.as_bytes()).await.is_err()
        {
            return Err(self.ended().await);
        }
        loop {
            match self.report("the new content").await? {
                Report::Changed { edition, .. } if edition == Some(deployment.edition) => {
                    return Ok(());
                }
                Report::Failed { reason } => return Err(self.refused(reason)),
                _ => {}
            }
        }
    }

    /// From here on its CPU time counts.
    pub(super) fn begin_account(&mut self) {
        self.cpu_at_start = self.cpu_so_far().unwrap_or_default();
    }

    /// CPU time since the account began, until it was killed.
    pub(super) fn cpu(&self) -> Option<Duration> {
        let until = self.cpu_at_end.or_else(|| self.cpu_so_far())?;
        Some(until.saturating_sub(self.cpu_at_start))
    }

    fn cpu_so_far(&self) -> Option<Duration> {
        cpu::of_process(self.child.id()?)
    }

    pub(super) async fn kill(&mut self) {
        self.cpu_at_end = self.cpu_at_end.or_else(|| self.cpu_so_far());
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

    async fn report(&mut self, what: &str) -> Result<Report, FleetError> {
        let line = tokio::time::timeout(PATIENCE, self.reports.next_line()).await;
        match line {
            Err(_elapsed) => Err(FleetError::NotReady {
                replica: self.seat.replica,
                what: what.to_owned(),
                output: last_lines(&self.seat.log),
            }),
            Ok(Ok(Some(line))) => {
                serde_json::from_str(&line).map_err(|error| self.refused(error.to_string()))
            }
            Ok(Ok(None) | Err(_)) => Err(self.ended().await),
        }
    }

    fn refused(&self, reason: String) -> FleetError {
        FleetError::Refused { replica: self.seat.replica, reason }
    }

    async fn ended(&mut self) -> FleetError {
        let status = match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(Ok(status)) => status.to_string(),
            Ok(Err(error)) => error.to_string(),
            Err(_elapsed) => "closed its output but still runs".to_owned(),
        };
        FleetError::Ended { replica: self.seat.replica, status, output: last_lines(&self.seat.log) }
    }
}

fn store_arguments(spec: &FleetSpec) -> Vec<OsString> {
    let flag = |flag: &str, path: &Option<PathBuf>| {
        let mut name = OsString::from("sqlite:");
        name.push(path.as_ref()?);
        Some([flag.into(), name])
    };
    let flags = [flag("--store", &spec.store), flag("--database", &spec.database)];
    flags.into_iter().flatten().flatten().collect()
}
