//! A private etcd for a test, of one member that elects itself at once; the lab's own client speaks to
//! it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use control_plane::etcd::{Etcd as EtcdClient, EtcdError, Login};
use wire::json::{JsonClient, JsonSettings};
use wire::tls::{IdentityFiles, TlsSettings};
use wire::url::Url;

use super::certificates::Authority;
use super::process::{PATIENCE, Running};
use super::served::{free_address, start_on_a_free_port};
use super::{eventually, home, require};

/// A running server, killed when the test is over.
pub(crate) struct Etcd {
    pub(crate) address: SocketAddr,
    peers: SocketAddr,
    program: PathBuf,
    process: Option<Running>,
    /// Certificates that it asks its clients for, and its own; `None` without TLS.
    tls: Option<(TlsSettings, Vec<String>)>,
    /// User as whom the test speaks to it.
    pub(crate) login: Option<Login>,
}

impl Etcd {
    /// Starts one in a new folder; `None` where there is no etcd on this machine: then the test is to
    /// return.
    pub(crate) fn start() -> Option<Self> {
        Self::started(None)
    }

    /// Starts one that speaks TLS, and with those alone who present a certificate of this authority.
    pub(crate) fn start_with_tls(authority: &Authority) -> Option<Self> {
        let [certificate, key] = authority.sign("etcd");
        let ca = authority.certificate();
        let flags = ["--client-cert-auth", "--cert-file", &certificate, "--key-file", &key];
        let flags = flags.into_iter().chain(["--trusted-ca-file", &ca]).map(str::to_owned);
        let identity = IdentityFiles { certificate: (&certificate).into(), key: (&key).into() };
        let client = TlsSettings {
            ca_file: Some(ca.clone().into()),
            identity: Some(identity),
            ..TlsSettings::default()
        };
        Self::started(Some((client, flags.collect())))
    }

    fn started(tls: Option<(TlsSettings, Vec<String>)>) -> Option<Self> {
        let program = require("etcd")?;
        let (peers, flags) = (free_address(), tls.as_ref().map(|(_, flags)| flags.as_slice()));
        let (process, address) =
            start_on_a_free_port(|address| command(&program, address, peers, flags));
        let etcd = Self { address, peers, program, process: Some(process), tls, login: None };
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
        let flags = self.tls.as_ref().map(|(_, flags)| flags.as_slice());
        let mut command = command(&self.program, self.address, self.peers, flags);
        self.process = Some(Running::start(&mut command));
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
        let scheme = if self.tls.is_some() { "etcd+https" } else { "etcd" };
        format!("{scheme}://{}/routes", self.address)
    }

    /// Posts JSON to its gateway, without logging in.
    pub(crate) fn post(&self, path: &str, content: &str) {
        let content = content.as_bytes().to_vec();
        let mut client = JsonClient::at(self.address, PATIENCE);
        let posted = client.post(path, http::HeaderMap::new(), content);
        let response = runtime().block_on(posted).expect("etcd answers");
        assert_eq!(response.status, 200, "{path}: {:?}", response.content);
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
        let (scheme, tls) = match &self.tls {
            Some((tls, _)) => ("https", tls.clone()),
            None => ("http", TlsSettings::default()),
        };
        let url = Url::parse(&format!("{scheme}://{}/", self.address)).expect("a URL");
        let settings = JsonSettings { timeout: Some(PATIENCE), tls, ..JsonSettings::default() };
        EtcdClient::new(url, settings, self.login.clone()).expect("usable certificates")
    }
}

fn data(clients: SocketAddr) -> PathBuf {
    home().join(format!("etcd-{}", clients.port()))
}

fn command(
    program: &Path,
    clients: SocketAddr,
    peers: SocketAddr,
    tls: Option<&[String]>,
) -> Command {
    let data = data(clients);
    let scheme = if tls.is_some() { "https" } else { "http" };
    let (clients, peers) = (format!("{scheme}://{clients}"), format!("http://{peers}"));
    let mut command = Command::new(program);
    command
        .args(["--name", "lab", "--listen-client-urls", &clients])
        .args(["--advertise-client-urls", &clients, "--listen-peer-urls", &peers])
        .args(["--initial-advertise-peer-urls", &peers, "--log-level", "error"])
        .args(["--initial-cluster", &format!("lab={peers}"), "--heartbeat-interval", "10"])
        .args(["--election-timeout", "100", "--unsafe-no-fsync", "--data-dir"])
        .arg(data)
        .args(tls.unwrap_or_default());
    command
}

fn runtime() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().expect("a runtime can be made")
}
