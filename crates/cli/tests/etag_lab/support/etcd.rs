//! A private etcd for a test, of one member that elects itself at once; the lab's own client speaks to
//! it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use control_plane::etcd::{Etcd as EtcdClient, EtcdError};

use super::process::{PATIENCE, Running};
use super::served::{free_address, start_on_a_free_port};
use super::{eventually, home, require};

/// A running server, killed when the test is over.
pub(crate) struct Etcd {
    pub(crate) address: SocketAddr,
    peers: SocketAddr,
    program: PathBuf,
    process: Option<Running>,
}

impl Etcd {
    /// Starts one in a new folder; `None` where there is no etcd on this machine: then the test is to
    /// return.
    pub(crate) fn start() -> Option<Self> {
        let program = require("etcd")?;
        let peers = free_address();
        let (process, address) = start_on_a_free_port(|address| command(&program, address, peers));
        let etcd = Self { address, peers, program, process: Some(process) };
        etcd.await_ready();
        Some(etcd)
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again at the same address, with what it had.
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.process = Some(Running::start(&mut command(&self.program, self.address, self.peers)));
        self.await_ready();
    }

    /// Starts it again at the same address, with nothing.
    pub(crate) fn begin_anew(&mut self) {
        self.kill();
        std::fs::remove_dir_all(data(self.address)).expect("etcd keeps its data in this folder");
        self.restart();
    }

    /// The folder `/routes/` as a source.
    pub(crate) fn source(&self) -> String {
        format!("etcd://{}/routes", self.address)
    }

    /// Writes one key.
    pub(crate) fn put(&self, key: &str, value: &str) {
        let pair = [(key.to_owned(), value.as_bytes().to_vec())];
        runtime().block_on(self.client().put(&pair)).expect("etcd takes a key");
    }

    /// Deletes one key, which must be there and no prefix of another.
    pub(crate) fn delete(&self, key: &str) {
        assert_eq!(self.keys(key), [key]);
        runtime().block_on(self.client().clear(key)).expect("etcd deletes a key");
    }

    /// The keys that begin so.
    pub(crate) fn keys(&self, prefix: &str) -> Vec<String> {
        self.try_keys(prefix).expect("etcd answers")
    }

    fn try_keys(&self, prefix: &str) -> Result<Vec<String>, EtcdError> {
        let pairs = runtime().block_on(self.client().range(prefix))?;
        Ok(pairs.iter().map(|pair| String::from_utf8_lossy(&pair.key).into_owned()).collect())
    }

    /// It listens before it has elected itself.
    fn await_ready(&self) {
        eventually("an etcd with a leader", PATIENCE, || self.try_keys("/none").ok());
    }

    fn client(&self) -> EtcdClient {
        EtcdClient::at(self.address, PATIENCE)
    }
}

fn data(clients: SocketAddr) -> PathBuf {
    home().join(format!("etcd-{}", clients.port()))
}

fn command(program: &Path, clients: SocketAddr, peers: SocketAddr) -> Command {
    let data = data(clients);
    let [clients, peers] = [clients, peers].map(|address| format!("http://{address}"));
    let mut command = Command::new(program);
    command
        .args(["--name", "lab", "--listen-client-urls", &clients])
        .args(["--advertise-client-urls", &clients, "--listen-peer-urls", &peers])
        .args(["--initial-advertise-peer-urls", &peers, "--log-level", "error"])
        .args(["--initial-cluster", &format!("lab={peers}"), "--heartbeat-interval", "10"])
        .args(["--election-timeout", "100", "--unsafe-no-fsync", "--data-dir"])
        .arg(data);
    command
}

fn runtime() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().expect("a runtime can be made")
}
