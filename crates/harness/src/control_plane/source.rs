//! The source of routes during one arm.
//!
//! The routes are kept in a file or in etcd. Proxies read either themselves; a stand-in for the
//! Kubernetes API, `etag-lab source`, serves them to clients, and to proxies that poll an API.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use control_plane::etcd::Etcd;
use control_plane::source::{
    LIST_PATH, RouteList, SourceCounts, SourceOrder, SourceReport, zone_path,
};
use serde_json::{Value, json};

use super::account::{SourceAccount, counter};
use crate::error::RunError;
use crate::files::deploy;
use crate::private_server::{ETCD, PrivateServer};
use crate::process::{PATIENCE, Process, ProcessError};
use model::{BETWEEN_EDITIONS, FIRST_EDITION};
use scenario::{ControlPlane, RouteSource};

/// Prefix of the keys in which proxies keep the date of a table.
const DATES: &str = "etag-lab/coalescer/1/modified";
/// Limit for one request to etcd.
const ETCD_TIMEOUT: Duration = Duration::from_secs(2);
/// Time between two attempts to reach an etcd that is starting.
const RETRY: Duration = Duration::from_millis(5);
/// etcd's counters of the requests by which routes are asked for.
const REQUESTS: [&str; 2] = [
    r#"grpc_server_started_total{grpc_method="Range","#,
    r#"grpc_server_started_total{grpc_method="Txn","#,
];
/// etcd's counter of its own CPU time, in seconds.
const ETCD_CPU: &str = "process_cpu_seconds_total ";

/// The running source.
#[derive(Debug)]
pub(super) struct RunningSource {
    store: RouteStore,
    /// The stand-in for the Kubernetes API; `None` where nobody asks for it.
    api: Option<Process>,
    /// The `etag-lab` program.
    program: PathBuf,
    /// The log of the stand-in.
    log: PathBuf,
    /// Work of processes that were killed.
    departed: SourceAccount,
    /// Requests by the lab itself that etcd has counted since it was started.
    own_requests: u64,
    /// Killed, and not yet started again.
    pub(super) is_down: bool,
}

#[derive(Debug)]
enum RouteStore {
    File(PathBuf),
    Etcd { etcd: Box<Etcd>, prefix: String, private: Option<Box<PrivateServer>> },
}

impl RunningSource {
    /// Starts the servers that the arm needs, with their files in `directory`. The first edition is
    /// written before anybody asks for it.
    pub(super) async fn start(
        plane: &ControlPlane,
        program: &Path,
        directory: &Path,
        first: &[Value],
    ) -> Result<(Self, RouteList), RunError> {
        let store = match plane.source {
            RouteSource::File | RouteSource::SharedFile => {
                RouteStore::File(directory.join("routes.json"))
            }
            RouteSource::Etcd(address) => RouteStore::etcd(address, None),
            RouteSource::PrivateEtcd => {
                let server = PrivateServer::start(&ETCD, program, &directory.join("etcd")).await?;
                RouteStore::etcd(server.address(), Some(Box::new(server)))
            }
        };
        let mut source = Self {
            store,
            api: None,
            program: program.to_owned(),
            log: directory.join("source.log"),
            departed: SourceAccount::default(),
            own_requests: 0,
            is_down: false,
        };
        source.own_requests = source.store.await_ready().await?;
        let snapshot = source.edit(0, first, &[]).await?;
        // Others read the file or etcd themselves.
        if plane.is_direct() || plane.source == RouteSource::File {
            source.api = Some(source.start_api(0).await?);
        }
        Ok((source, snapshot))
    }

    /// Makes `routes`, which were `before`, the routes of this edition; returns the list as it is
    /// from now on.
    pub(super) async fn edit(
        &mut self,
        edition: u32,
        routes: &[Value],
        before: &[Value],
    ) -> Result<RouteList, RunError> {
        let version = match &mut self.store {
            RouteStore::File(path) => {
                let version = edition.to_string();
                let content = json!({"version": version, "routes": routes}).to_string();
                // Hours apart: dates in whole seconds differ however fast the run is.
                let modified = SystemTime::UNIX_EPOCH + FIRST_EDITION + BETWEEN_EDITIONS * edition;
                deploy(path, modified, |fresh| std::fs::write(fresh, &content))?;
                version
            }
            RouteStore::Etcd { etcd, prefix, .. } => {
                // A deploy writes what it changes. More would cost the source what no deploy costs.
                let changed = routes.iter().filter(|route| !before.contains(route));
                let pair = |route: &Value| {
                    let id = route["id"].as_str().unwrap_or_default();
                    (format!("{prefix}{id}"), route.to_string().into_bytes())
                };
                let pairs: Vec<_> = changed.map(pair).collect();
                self.own_requests += Etcd::requests(pairs.len());
                etcd.put(&pairs).await?.to_string()
            }
        };
        Ok(RouteList { version, routes: routes.to_vec() })
    }

    /// The upstream of a proxy; with a `zone`, it sees this one alone.
    pub(super) fn upstream(&self, zone: Option<&str>) -> String {
        let store = self.store.url();
        match (&self.store, self.address()) {
            (RouteStore::Etcd { .. }, _) => {
                store + &zone.map(|zone| format!("{zone}/")).unwrap_or_default()
            }
            (RouteStore::File(_), None) => store,
            (RouteStore::File(_), Some(api)) => {
                let path = zone.map_or_else(|| LIST_PATH.to_owned(), zone_path);
                format!("k8s+http://{api}{path}")
            }
        }
    }

    /// URL of the list that clients get without a proxy; `None` where nobody serves it.
    pub(super) fn direct_url(&self) -> Option<String> {
        self.address().map(|address| format!("k8s+http://{address}{LIST_PATH}"))
    }

    /// Address at which clients poll the list; `None` where nobody serves it.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.api.as_ref().map(Process::address)
    }

    /// `kill -9`, for the private etcd if there is one, else for the API.
    pub(super) async fn kill(&mut self) -> Result<(), RunError> {
        if self.is_down {
            return Ok(());
        }
        // Before the kill: a process takes its counts with it.
        let victim =
            if self.is_etcd_ours() { self.of_etcd().await? } else { self.of_api().await? };
        self.departed = self.departed.plus(victim);
        self.is_down = true;
        if let RouteStore::Etcd { private: Some(server), .. } = &mut self.store {
            server.process.kill().await;
        } else if let Some(api) = &mut self.api {
            api.kill().await;
        }
        Ok(())
    }

    /// Starts again what was killed, at the same address with the same routes.
    pub(super) async fn restart(&mut self) -> Result<(), RunError> {
        self.kill().await?;
        if let RouteStore::Etcd { private: Some(server), .. } = &mut self.store {
            server.restart().await?;
            // etcd counts from zero again.
            self.own_requests = self.store.await_ready().await?;
        } else if let Some(api) = self.api.take() {
            let port = api.address().port();
            self.api = Some(self.start_api(port).await?);
        }
        self.is_down = false;
        Ok(())
    }

    /// Its work since it was started.
    pub(super) async fn account(&mut self) -> Result<SourceAccount, RunError> {
        let mut account = self.departed;
        if !(self.is_down && self.is_etcd_ours()) {
            account = account.plus(self.of_etcd().await?);
        }
        if !self.is_down || self.is_etcd_ours() {
            account = account.plus(self.of_api().await?);
        }
        Ok(account)
    }

    fn is_etcd_ours(&self) -> bool {
        matches!(self.store, RouteStore::Etcd { private: Some(_), .. })
    }

    /// The work of etcd by its own counters.
    async fn of_etcd(&mut self) -> Result<SourceAccount, RunError> {
        let RouteStore::Etcd { etcd, .. } = &mut self.store else {
            return Ok(SourceAccount::default());
        };
        let metrics = etcd.metrics().await?;
        let asked = REQUESTS.iter().filter_map(|begins| counter(&metrics, begins)).sum::<f64>();
        Ok(SourceAccount {
            requests: Some((asked as u64).saturating_sub(self.own_requests)),
            content_bytes: None,
            cpu: counter(&metrics, ETCD_CPU).map(Duration::from_secs_f64),
        })
    }

    async fn of_api(&mut self) -> Result<SourceAccount, RunError> {
        let Some(api) = &mut self.api else {
            return Ok(SourceAccount::default());
        };
        let counts = |SourceReport::Counts(counts)| Some(counts);
        let SourceCounts { requests, content_bytes } =
            api.order(&SourceOrder::Counts {}, "report its counts", counts).await?;
        // Where it asks etcd itself, etcd counts the requests.
        let is_counted = matches!(self.store, RouteStore::File(_));
        Ok(SourceAccount {
            requests: is_counted.then_some(requests),
            content_bytes: Some(content_bytes),
            cpu: api.cpu(),
        })
    }

    /// Stops its servers, and removes its keys from an external etcd.
    pub(super) async fn stop(mut self) {
        match &mut self.store {
            RouteStore::File(_) => {}
            RouteStore::Etcd { private: Some(server), .. } => server.process.kill().await,
            RouteStore::Etcd { etcd, prefix, private: None } => {
                for folder in [prefix.clone(), format!("{DATES}{prefix}")] {
                    if let Err(error) = etcd.clear(&folder).await {
                        tracing::warn!(%error, "keys stay behind in etcd");
                    }
                }
            }
        }
        if let Some(mut api) = self.api {
            api.close().await;
        }
    }

    async fn start_api(&self, port: u16) -> Result<Process, ProcessError> {
        let (listen, store) = (format!("127.0.0.1:{port}"), self.store.url());
        let arguments = ["source", "--listen", &listen, "--store", &store].map(Into::into);
        let (name, log) = ("source of routes".to_owned(), self.log.clone());
        let mut process = Process::under_control(name, &self.program, arguments, log)?;
        process.ready().await?;
        Ok(process)
    }
}

impl RouteStore {
    /// Routes in etcd, under a prefix of keys that no other run uses.
    fn etcd(address: SocketAddr, private: Option<Box<PrivateServer>>) -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let moment = since.map(|since| since.as_nanos()).unwrap_or_default();
        let prefix = format!("/etag-lab/{}-{moment:x}/", std::process::id());
        Self::Etcd { etcd: Box::new(Etcd::at(address, ETCD_TIMEOUT)), prefix, private }
    }

    /// The store as command lines name it.
    fn url(&self) -> String {
        match self {
            Self::File(path) => format!("file:{}", path.display()),
            Self::Etcd { etcd, prefix, .. } => format!("etcd://{}{prefix}", etcd.authority()),
        }
    }

    /// Returns the number of requests that it took: an etcd accepts connections before it has
    /// elected itself.
    async fn await_ready(&mut self) -> Result<u64, RunError> {
        let Self::Etcd { etcd, prefix, .. } = self else { return Ok(0) };
        let since = Instant::now();
        let mut asked = 0;
        loop {
            asked += 1;
            match etcd.range(prefix).await {
                Ok(_) => return Ok(asked),
                Err(error) if since.elapsed() > PATIENCE => return Err(error.into()),
                Err(_) => tokio::time::sleep(RETRY).await,
            }
        }
    }
}
