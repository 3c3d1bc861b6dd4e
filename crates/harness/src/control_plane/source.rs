//! The source of routes during one arm: where they lie, who serves them, how often it was asked.
//!
//! The routes lie in a file that `etag-lab source` serves, or in etcd, which proxies ask themselves
//! and clients through `etag-lab source`.

mod account;

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use control_plane::etcd::{Etcd, EtcdError};
use control_plane::source::{
    LIST_PATH, Snapshot, SourceCounts, SourceOrder, SourceReport, zone_path,
};
use serde_json::{Value, json};
use server::stdio::Report;
use thiserror::Error;

pub(super) use self::account::Account;
use super::process::{Process, ProcessError};
use super::prometheus::counter;
use crate::guarded::PATIENCE;
use crate::real::{ETCD, RealError, Server};
use scenario::{ControlPlane, RouteSource};

/// When the first edition of a file was written: a fixed moment, so that a run can be repeated.
const FIRST_EDITION: Duration = Duration::from_secs(1_767_600_000);
const BETWEEN_EDITIONS: Duration = Duration::from_secs(3_600);
/// Where proxies keep the date of the table of a folder.
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

/// Why there is no source.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The stand-in for the Kubernetes API does not do its part.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// There is no private etcd.
    #[error(transparent)]
    Real(#[from] RealError),
    /// etcd does not do what it is asked.
    #[error("{0}\n  = help: is that the address of an etcd v3? `etcdctl endpoint health` tells")]
    Etcd(EtcdError),
    /// The file of routes cannot be written.
    #[error("cannot write `{}`: {error}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

// By hand, because the message holds all of it: as a cause it would be told once more.
impl From<EtcdError> for SourceError {
    fn from(error: EtcdError) -> Self {
        Self::Etcd(error)
    }
}

/// The running source.
#[derive(Debug)]
pub(super) struct Source {
    store: Store,
    /// Serves the list over HTTP; not there where nobody asks for it.
    api: Option<Process>,
    /// What starts it again.
    command: Command,
    /// Work of processes that were killed.
    departed: Account,
    /// What etcd counts and only the lab has asked, since etcd was started.
    own_requests: u64,
    /// Killed, and not yet started again.
    is_down: bool,
}

#[derive(Debug)]
enum Store {
    File(PathBuf),
    Etcd { etcd: Box<Etcd>, prefix: String, private: Option<Box<Server>> },
}

#[derive(Clone, Debug)]
struct Command {
    program: PathBuf,
    log: PathBuf,
}

impl Source {
    /// Starts what the arm needs; `directory` is for its files. The routes are written with the
    /// first edition, before anybody asks.
    pub(super) async fn start(
        plane: &ControlPlane,
        program: &Path,
        directory: &Path,
        first: &[Value],
    ) -> Result<(Self, Snapshot), SourceError> {
        let private = match plane.source {
            RouteSource::PrivateEtcd => {
                Some(Box::new(Server::start(&ETCD, program, &directory.join("etcd")).await?))
            }
            RouteSource::File | RouteSource::SharedFile | RouteSource::Etcd(_) => None,
        };
        let address = match plane.source {
            RouteSource::Etcd(address) => Some(address),
            _ => private.as_ref().map(|server| server.address()),
        };
        let store = match address {
            Some(address) => Store::Etcd {
                etcd: Box::new(Etcd::at(address, ETCD_TIMEOUT)),
                prefix: private_prefix(),
                private,
            },
            None => Store::File(directory.join("routes.json")),
        };
        let command = Command { program: program.to_owned(), log: directory.join("source.log") };
        let mut source = Self {
            store,
            api: None,
            command,
            departed: Account::default(),
            own_requests: 0,
            is_down: false,
        };
        source.own_requests = source.store.await_ready().await?;
        let snapshot = source.edit(0, first, &[]).await?;
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
    ) -> Result<Snapshot, SourceError> {
        let version = match &mut self.store {
            Store::File(path) => {
                let version = edition.to_string();
                replace(path, &json!({"version": version, "routes": routes}), edition)?;
                version
            }
            Store::Etcd { etcd, prefix, .. } => {
                let changed = routes.iter().filter(|route| !before.contains(route));
                let pairs: Vec<_> = changed.map(|route| pair(prefix, route)).collect();
                self.own_requests += Etcd::requests(pairs.len());
                etcd.put(&pairs).await?.to_string()
            }
        };
        Ok(Snapshot { version, routes: routes.to_vec() })
    }

    /// What a proxy is told as its upstream; `zone` is the only one that it gets to see.
    pub(super) fn upstream(&self, zone: Option<&str>) -> String {
        match (&self.store, &self.api) {
            (Store::Etcd { etcd, prefix, .. }, _) => {
                let zone = zone.map(|zone| format!("{zone}/")).unwrap_or_default();
                format!("etcd://{}{prefix}{zone}", etcd.authority())
            }
            (Store::File(path), None) => format!("file:{}", path.display()),
            (Store::File(_), Some(api)) => {
                let path = zone.map_or_else(|| LIST_PATH.to_owned(), zone_path);
                format!("k8s+http://{}{path}", api.address())
            }
        }
    }

    /// Whether it was killed, and not yet started again.
    pub(super) fn is_down(&self) -> bool {
        self.is_down
    }

    /// What clients get without a proxy, as a proxy is told of it; `None` where nobody serves it.
    pub(super) fn direct_url(&self) -> Option<String> {
        self.address().map(|address| format!("k8s+http://{address}{LIST_PATH}"))
    }

    /// Where clients poll the list, if somebody serves it.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.api.as_ref().map(Process::address)
    }

    /// `kill -9`: the etcd behind it where that is ours, else the API.
    pub(super) async fn kill(&mut self) -> Result<(), SourceError> {
        if self.is_down {
            return Ok(());
        }
        let victim =
            if self.is_etcd_ours() { self.of_etcd().await? } else { self.of_api().await? };
        self.departed = self.departed.plus(victim);
        self.is_down = true;
        match &mut self.store {
            Store::Etcd { private: Some(server), .. } => server.kill().await,
            _ => {
                if let Some(api) = &mut self.api {
                    api.kill().await;
                }
            }
        }
        Ok(())
    }

    /// Starts again what was killed, at the same address with the same routes.
    pub(super) async fn restart(&mut self) -> Result<(), SourceError> {
        if !self.is_down {
            self.kill().await?;
        }
        if let Store::Etcd { private: Some(server), .. } = &mut self.store {
            server.restart().await?;
            self.own_requests = self.store.await_ready().await?;
        } else if let Some(api) = self.api.take() {
            let port = api.address().port();
            self.api = Some(self.start_api(port).await?);
        }
        self.is_down = false;
        Ok(())
    }

    /// What was asked of it and what that cost, since it was started.
    pub(super) async fn account(&mut self) -> Result<Account, SourceError> {
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
        matches!(self.store, Store::Etcd { private: Some(_), .. })
    }

    /// By etcd's own counters: how often it was asked for a range of keys.
    async fn of_etcd(&mut self) -> Result<Account, SourceError> {
        let Store::Etcd { etcd, .. } = &mut self.store else { return Ok(Account::default()) };
        let metrics = etcd.metrics().await?;
        let asked = REQUESTS.iter().filter_map(|begins| counter(&metrics, begins)).sum::<f64>();
        let asked = asked as u64;
        Ok(Account {
            requests: Some(asked.saturating_sub(self.own_requests)),
            content_bytes: None,
            cpu: counter(&metrics, ETCD_CPU).map(Duration::from_secs_f64),
        })
    }

    /// By the stand-in for the Kubernetes API. Where it asks etcd itself, etcd counts the requests.
    async fn of_api(&mut self) -> Result<Account, SourceError> {
        let Some(api) = &mut self.api else { return Ok(Account::default()) };
        let is_counted = matches!(self.store, Store::File(_));
        let report = api.ask(&SourceOrder::Counts {}, "what it was asked").await?;
        let Report::Own(SourceReport::Counts(counts)) = report else {
            return Ok(Account { cpu: api.cpu(), ..Account::default() });
        };
        let SourceCounts { requests, content_bytes } = counts;
        Ok(Account {
            requests: is_counted.then_some(requests),
            content_bytes: Some(content_bytes),
            cpu: api.cpu(),
        })
    }

    /// Leaves nothing behind, in somebody else's etcd neither.
    pub(super) async fn stop(mut self) {
        if let Store::Etcd { etcd, prefix, private } = &mut self.store {
            match private {
                Some(server) => server.kill().await,
                None => {
                    for folder in [prefix.clone(), format!("{DATES}{prefix}")] {
                        if let Err(error) = etcd.clear(&folder).await {
                            tracing::warn!(%error, "keys stay behind in etcd");
                        }
                    }
                }
            }
        }
        if let Some(api) = self.api {
            api.stop().await;
        }
    }

    async fn start_api(&self, port: u16) -> Result<Process, SourceError> {
        let store = match &self.store {
            Store::File(path) => format!("file:{}", path.display()),
            Store::Etcd { etcd, prefix, .. } => format!("etcd://{}{prefix}", etcd.authority()),
        };
        let listen = format!("127.0.0.1:{port}");
        let arguments = ["source", "--listen", &listen, "--store", &store].map(Into::into);
        let Command { program, log } = self.command.clone();
        Ok(Process::start("source of routes", &program, &arguments, log).await?)
    }
}

impl Store {
    /// An etcd accepts connections before it has elected itself. Returns how often it was asked.
    async fn await_ready(&mut self) -> Result<u64, SourceError> {
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

/// Below it is nobody's key but those of this arm.
fn private_prefix() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let moment = since.map(|since| since.as_nanos()).unwrap_or_default();
    format!("/etag-lab/{}-{moment:x}/", std::process::id())
}

fn pair(prefix: &str, route: &Value) -> (String, Vec<u8>) {
    let id = route["id"].as_str().unwrap_or_default();
    (format!("{prefix}{id}"), route.to_string().into_bytes())
}

/// A new file renamed into place: whoever reads meanwhile reads the one or the other.
///
/// Dated by its edition, hours apart: dates in whole seconds tell them apart however fast the run is.
fn replace(path: &Path, content: &Value, edition: u32) -> Result<(), SourceError> {
    let fresh = path.with_extension("new");
    let modified = SystemTime::UNIX_EPOCH + FIRST_EDITION + BETWEEN_EDITIONS * edition;
    let put = || {
        std::fs::write(&fresh, content.to_string())?;
        File::options().write(true).open(&fresh)?.set_modified(modified)?;
        std::fs::rename(&fresh, path)
    };
    put().map_err(|error| SourceError::Write { path: path.to_owned(), error })
}
