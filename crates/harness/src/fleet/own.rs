//! A replica of the lab: `etag-lab replica --control stdio`.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use origin::Counts;
use origin::control::{HoldingPoint, ReplicaOrder, ReplicaReport};
use origin::replica::ChangeStep;
use server::stdio::Report;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::{
    Deployment, FleetError, FleetSpec, PATIENCE, Seat, Shared, SharedTags, cpu, last_lines,
};

/// Longer than any run.
const FOR_EVER: Duration = Duration::from_secs(365 * 86_400);

#[derive(Debug)]
pub(super) struct OwnReplica {
    seat: Seat,
    child: Child,
    orders: Option<ChildStdin>,
    reports: Lines<BufReader<ChildStdout>>,
    address: SocketAddr,
    shares_tags: bool,
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
            shares_tags: spec.shared.tags.is_some(),
            cpu_at_start: Duration::ZERO,
            cpu_at_end: None,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn ready(&mut self) -> Result<(), FleetError> {
        match self.report("its address").await? {
            Report::Ready { address } => self.address = address,
            Report::Failed { reason } => return Err(self.refused(reason)),
            Report::Own(_) => {}
        }
        Ok(())
    }

    /// Where tags are shared, the tag stays what it is, and answers that are given without content
    /// speak of this one from now on.
    pub(super) async fn deploy(&mut self, deployment: &Deployment) -> Result<(), FleetError> {
        if !self.shares_tags {
            return self.change(deployment, None).await;
        }
        self.change(deployment, Some(&[ChangeStep::Commit])).await?;
        let (source, edition) = (deployment.source.clone(), Some(deployment.edition));
        let declared = |report| match report {
            ReplicaReport::Declared { edition: found } if found == edition => Some(()),
            _ => None,
        };
        self.order(&ReplicaOrder::Declare { source, edition }, "the truth to be known", declared)
            .await
    }

    /// A change, or some steps of it.
    pub(super) async fn change(
        &mut self,
        deployment: &Deployment,
        steps: Option<&[ChangeStep]>,
    ) -> Result<(), FleetError> {
        let modified = deployment.modified.duration_since(std::time::UNIX_EPOCH);
        let order = ReplicaOrder::Change {
            source: deployment.source.clone(),
            edition: Some(deployment.edition),
            modified_ms: modified.ok().map(|since| since.as_millis() as u64),
            steps: steps.map(<[_]>::to_vec),
        };
        let changed = |report| match report {
            ReplicaReport::Changed { edition, .. } if edition == Some(deployment.edition) => {
                Some(())
            }
            _ => None,
        };
        self.order(&order, "the new content", changed).await
    }

    /// What it says in `Poll-Interval` from now on.
    pub(super) async fn pace(&mut self, poll_interval_ms: Option<i64>) -> Result<(), FleetError> {
        let paced = |report| matches!(report, ReplicaReport::Paced {}).then_some(());
        self.order(&ReplicaOrder::Pace { poll_interval_ms }, "another pace", paced).await
    }

    /// The next request that is about to create a tag waits.
    pub(super) async fn hold_creation(&mut self) -> Result<(), FleetError> {
        let holding = |report| matches!(report, ReplicaReport::Holding {}).then_some(());
        let order = ReplicaOrder::Hold { at: HoldingPoint::Create };
        self.order(&order, "a creation to be held", holding).await
    }

    /// Returns when a request waits.
    pub(super) async fn await_held(&mut self) -> Result<(), FleetError> {
        let held = |report| matches!(report, ReplicaReport::Held {}).then_some(());
        self.order(&ReplicaOrder::AwaitHeld {}, "a request that creates a tag", held).await
    }

    /// It waits no more, and none will.
    pub(super) async fn release_creation(&mut self) -> Result<(), FleetError> {
        let released = |report| matches!(report, ReplicaReport::Released {}).then_some(());
        self.order(&ReplicaOrder::Release {}, "a held creation to go on", released).await
    }

    /// What it has counted.
    pub(super) async fn counts(&mut self) -> Result<Counts, FleetError> {
        let counts = |report| match report {
            ReplicaReport::Counts(counts) => Some(counts),
            _ => None,
        };
        self.order(&ReplicaOrder::Counts {}, "its counts", counts).await
    }

    /// Whether it can be given orders.
    pub(super) fn is_alive(&self) -> bool {
        // None once it was waited for.
        self.child.id().is_some()
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

    /// Gives an order and waits for its report, of which `answer` makes something.
    async fn order<T>(
        &mut self,
        order: &ReplicaOrder,
        what: &str,
        answer: impl FnMut(ReplicaReport) -> Option<T>,
    ) -> Result<T, FleetError> {
        let mut line = serde_json::to_string(order).expect("an order is plain data");
        line.push('\n');
        if let Some(orders) = &mut self.orders
            && orders.write_all(line.as_bytes()).await.is_err()
        {
            return Err(self.ended().await);
        }
        self.reported(what, answer).await
    }

    /// The first report of which `answer` makes something; those of orders given up are passed over.
    async fn reported<T>(
        &mut self,
        what: &str,
        mut answer: impl FnMut(ReplicaReport) -> Option<T>,
    ) -> Result<T, FleetError> {
        loop {
            match self.report(what).await? {
                Report::Failed { reason } => return Err(self.refused(reason)),
                Report::Ready { .. } => {}
                Report::Own(report) => {
                    if let Some(answer) = answer(report) {
                        return Ok(answer);
                    }
                }
            }
        }
    }

    async fn report(&mut self, what: &str) -> Result<Report<ReplicaReport>, FleetError> {
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
    let mut arguments = Vec::new();
    let mut flag = |flag: &str, value: OsString| arguments.extend([flag.into(), value]);
    let sqlite = |path: &Path| {
        let mut name = OsString::from("sqlite:");
        name.push(path);
        name
    };
    let Shared { database, poll_interval_ms, tags } = &spec.shared;
    if let Some(path) = &spec.store {
        flag("--store", sqlite(path));
    }
    if let Some(path) = database {
        flag("--database", sqlite(path));
    }
    if let Some(interval) = poll_interval_ms {
        flag("--poll-interval", interval.to_string().into());
    }
    if let Some(SharedTags { store, namespace, ttl, lease, protocol }) = tags {
        flag("--store", store.clone());
        flag("--store-namespace", namespace.into());
        flag("--store-protocol", protocol.name().into());
        if let Some(lease) = lease {
            flag("--store-lease", format!("{}ms", lease.as_millis()).into());
        }
        flag("--store-ttl", format!("{}ms", ttl.unwrap_or(FOR_EVER).as_millis()).into());
    }
    arguments
}
