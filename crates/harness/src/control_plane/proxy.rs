//! One proxy: an `etag-lab coalesce` process between the clients and the source.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use http::{HeaderMap, StatusCode};
use truth::ReplicaId;
use wire::json::JsonClient;

use super::process::{Process, ProcessError};
use super::prometheus::counter;
use crate::guarded::PATIENCE;

/// Time between two looks at whether a proxy has a table.
const PROBE: Duration = Duration::from_millis(2);
/// A proxy's count of its polls of the source.
const POLLS: &str = "coalescer_upstream_polls_total{";
/// Share of the interval by which a proxy's poll may be early or late.
pub(super) const JITTER: f64 = 0.1;

/// How a proxy is started, and started again.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    pub(super) program: PathBuf,
    pub(super) log: PathBuf,
    pub(super) upstream: String,
    pub(super) interval: Duration,
    /// Beside what clients get, which lies here; `None` where they get the proxy's table.
    pub(super) beside: Option<String>,
}

/// A running proxy.
#[derive(Debug)]
pub(super) struct Proxy {
    id: ReplicaId,
    spec: Spec,
    process: Process,
    /// CPU time of processes that this one has taken the place of.
    departed: Duration,
    is_down: bool,
}

impl Proxy {
    /// Starts it on a free port.
    pub(super) async fn start(id: ReplicaId, spec: Spec) -> Result<Self, ProcessError> {
        let process = launch(id, &spec, 0).await?;
        Ok(Self { id, spec, process, departed: Duration::ZERO, is_down: false })
    }

    pub(super) fn id(&self) -> ReplicaId {
        self.id
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.process.address()
    }

    /// Returns when it has a table to serve, as a readiness probe finds out.
    pub(super) async fn has_table(&self) -> Result<(), ProcessError> {
        let mut client = JsonClient::at(self.address(), PATIENCE);
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            let health = client.get("/health", HeaderMap::new()).await;
            if health.is_ok_and(|response| response.status == StatusCode::NO_CONTENT) {
                return Ok(());
            }
            tokio::time::sleep(PROBE).await;
        }
        Err(self.process.silent("that it has a table"))
    }

    /// What it says of itself, in the format of Prometheus, once it has asked the source so often
    /// again; empty when it does not answer.
    pub(super) async fn metrics_after_polls(&self, polls: u32) -> String {
        let mut client = JsonClient::at(self.address(), PATIENCE);
        let since = Instant::now();
        let mut enough = None;
        loop {
            let page = client.get("/metrics", HeaderMap::new()).await;
            let Ok(page) = page else { return String::new() };
            let metrics = String::from_utf8_lossy(&page.content).into_owned();
            let asked = counter(&metrics, POLLS).unwrap_or_default();
            if asked >= *enough.get_or_insert(asked + f64::from(polls))
                || since.elapsed() > PATIENCE
            {
                return metrics;
            }
            tokio::time::sleep(PROBE).await;
        }
    }

    /// `kill -9`; whether it was running.
    pub(super) async fn kill(&mut self) -> bool {
        let was_up = !self.is_down;
        self.process.kill().await;
        self.is_down = true;
        was_up
    }

    /// Starts it again at the same address, without anything that it knew. It may have no table
    /// yet.
    pub(super) async fn restart(&mut self) -> Result<(), ProcessError> {
        self.kill().await;
        let process = launch(self.id, &self.spec, self.address().port()).await?;
        self.departed += self.process.cpu().unwrap_or_default();
        self.process = process;
        self.is_down = false;
        Ok(())
    }

    /// CPU time of all its processes so far.
    pub(super) fn cpu(&self) -> Option<Duration> {
        self.process.cpu().map(|cpu| cpu + self.departed)
    }

    pub(super) async fn stop(self) {
        self.process.stop().await;
    }
}

async fn launch(id: ReplicaId, spec: &Spec, port: u16) -> Result<Process, ProcessError> {
    let interval = format!("{}us", spec.interval.as_micros());
    let listen = format!("127.0.0.1:{port}");
    let [id, jitter] = [id.0.to_string(), JITTER.to_string()];
    let mut arguments = vec!["coalesce", "--listen", &listen, "--upstream", &spec.upstream];
    arguments.extend(["--interval", &interval, "--jitter", &jitter, "--id", &id]);
    if let Some(direct) = &spec.beside {
        arguments.extend(["--mode", "pre", "--direct", direct]);
    }
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    let program: &Path = &spec.program;
    Process::start(&format!("proxy {id}"), program, &arguments, spec.log.clone()).await
}
