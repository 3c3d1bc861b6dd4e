//! One proxy: an `etag-lab coalesce` process between the clients and the source.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use http::{HeaderMap, StatusCode};
use truth::ReplicaId;
use wire::json::JsonClient;

use super::account::counter;
use crate::process::{PATIENCE, Process, ProcessError};

/// Time between two looks at whether a proxy has a table.
const PROBE: Duration = Duration::from_millis(2);
/// A proxy's count of its polls of the source.
const POLLS: &str = "coalescer_upstream_polls_total{";
/// Share of the interval by which a proxy's poll may be early or late.
pub(super) const JITTER: f64 = 0.1;

/// The settings of a proxy, which hold for a restart as well.
#[derive(Clone, Debug)]
pub(super) struct ProxySpec {
    pub(super) program: PathBuf,
    pub(super) log: PathBuf,
    pub(super) upstream: String,
    pub(super) interval: Duration,
    /// URL of what clients get today, which the proxy compares its table with; `None` where they
    /// get the table itself.
    pub(super) beside: Option<String>,
}

/// A running proxy.
#[derive(Debug)]
pub(super) struct RunningProxy {
    pub(super) id: ReplicaId,
    spec: ProxySpec,
    pub(super) process: Process,
}

impl RunningProxy {
    /// Starts it on a free port.
    pub(super) async fn start(id: ReplicaId, spec: ProxySpec) -> Result<Self, ProcessError> {
        let process = launch(id, &spec, 0).await?;
        Ok(Self { id, spec, process })
    }

    /// Returns when it has a table to serve, as a readiness probe would find.
    pub(super) async fn has_table(&self) -> Result<(), ProcessError> {
        let mut client = JsonClient::at(self.process.address(), PATIENCE);
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            let health = client.get("/health", HeaderMap::new()).await;
            if health.is_ok_and(|response| response.status == StatusCode::NO_CONTENT) {
                return Ok(());
            }
            tokio::time::sleep(PROBE).await;
        }
        Err(self.process.late("get a table"))
    }

    /// Its metrics in the format of Prometheus, after this many further polls of the source; empty
    /// when it does not answer.
    pub(super) async fn metrics_after_polls(&self, polls: u32) -> String {
        let mut client = JsonClient::at(self.process.address(), PATIENCE);
        let since = Instant::now();
        // A comparison is made with each poll. After two more, none of its sides is older than the
        // question.
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

    /// Starts it again at the same address, with nothing that it knew. It may have no table yet.
    pub(super) async fn restart(&mut self) -> Result<(), ProcessError> {
        self.process.kill().await;
        let mut process = launch(self.id, &self.spec, self.process.address().port()).await?;
        process.succeed(&self.process);
        self.process = process;
        Ok(())
    }
}

async fn launch(id: ReplicaId, spec: &ProxySpec, port: u16) -> Result<Process, ProcessError> {
    let interval = format!("{}us", spec.interval.as_micros());
    let listen = format!("127.0.0.1:{port}");
    let [id, jitter] = [id.0.to_string(), JITTER.to_string()];
    let mut arguments = vec!["coalesce", "--listen", &listen, "--upstream", &spec.upstream];
    arguments.extend(["--interval", &interval, "--jitter", &jitter, "--id", &id]);
    if spec.upstream.starts_with("etcd") {
        // An etcd that the lab started, or was told to use: instances are to answer alike.
        arguments.push("--agree-on-date");
    }
    if let Some(direct) = &spec.beside {
        arguments.extend(["--mode", "pre", "--direct", direct]);
    }
    let (name, arguments) = (format!("proxy {id}"), arguments.into_iter().map(Into::into));
    let mut process = Process::under_control(name, &spec.program, arguments, spec.log.clone())?;
    process.ready().await?;
    Ok(process)
}
