//! A server product such as Redis, started for one run: found on the machine, bound to free ports,
//! with all its files in a folder of the run, killed and started again, and gone with the run.
//!
//! Knows nothing of the data in the server, and never touches a server that the lab did not start.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::error::RunError;
use crate::files::WriteError;
use crate::ports;
use crate::process::{Process, ProcessError};

/// Folders of installed servers that are missing from the PATH of ordinary users.
const SYSTEM_FOLDERS: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];
/// Attempts to start a server: another process may take a port before the server binds it.
const ATTEMPTS: usize = 3;

/// A server product that can be run privately.
#[derive(Debug)]
pub(crate) struct Product {
    /// Its name in messages.
    pub(crate) name: &'static str,
    /// Names of its program, the usual one first.
    pub(crate) programs: &'static [&'static str],
    /// Advice for whoever does not have it.
    pub(crate) installation: &'static str,
    /// Number of ports that it needs. Clients connect to the first one.
    pub(crate) ports: usize,
    /// Its arguments, words for the shell, for these ports of 127.0.0.1. The working directory is
    /// an empty folder of its own, which a restart finds as it was left.
    pub(crate) arguments: fn(ports: &[u16]) -> String,
}

/// Bound to loopback, with nothing on disk: after a kill it comes back empty.
pub(crate) static REDIS: Product = Product {
    name: "Redis",
    programs: &["redis-server", "valkey-server"],
    installation: "install redis-server or valkey-server (packages of the same names), name a \
                   server that runs with --store redis://HOST:PORT, or leave --real out",
    ports: 1,
    arguments: |ports| {
        format!("--port {} --bind 127.0.0.1 --save '' --appendonly no --daemonize no", ports[0])
    },
};

/// A cluster of one that elects itself at once. Its data outlive a kill, as they do in production;
/// that they reach the disk is not awaited, because a kill is not a power cut.
pub(crate) static ETCD: Product = Product {
    name: "etcd",
    programs: &["etcd"],
    installation: "install etcd (package etcd-server or etcd), name a server that runs with \
                   --source etcd://HOST:PORT, or leave --real out",
    ports: 2,
    arguments: |ports| {
        let [clients, peers] = [ports[0], ports[1]].map(|port| format!("http://127.0.0.1:{port}"));
        format!(
            "--name lab --data-dir data --listen-client-urls {clients} \
             --advertise-client-urls {clients} --listen-peer-urls {peers} \
             --initial-advertise-peer-urls {peers} --initial-cluster lab={peers} \
             --heartbeat-interval 10 --election-timeout 100 --unsafe-no-fsync"
        )
    },
};

/// A running server; dropping it kills it.
#[derive(Debug)]
pub(crate) struct PrivateServer {
    product: &'static Product,
    program: PathBuf,
    /// The `etag-lab` program, as its guard.
    lab: PathBuf,
    folder: PathBuf,
    ports: Vec<u16>,
    pub(crate) process: Process,
}

impl PrivateServer {
    /// Starts the product in this folder, which is made if need be; returns when it accepts
    /// connections. `lab` is the `etag-lab` program.
    pub(crate) async fn start(
        product: &'static Product,
        lab: &Path,
        folder: &Path,
    ) -> Result<Self, RunError> {
        let program = find(product)?;
        std::fs::create_dir_all(folder).map_err(WriteError::of(folder))?;
        let mut attempt = 1;
        loop {
            let ports = ports::free(product.ports).map_err(RunError::Ports)?;
            let process = launch(product, &program, lab, folder, &ports)?;
            let (program, lab, folder) = (program.clone(), lab.to_owned(), folder.to_owned());
            let mut server = Self { product, program, lab, folder, ports, process };
            match server.ready().await {
                // Dropping the server ends what was started of it.
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                result => return result.map(|()| server).map_err(Into::into),
            }
        }
    }

    /// The address for clients.
    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports[0]))
    }

    /// Kills it if it runs, and starts it again at the same address with the files that it left.
    pub(crate) async fn restart(&mut self) -> Result<(), ProcessError> {
        self.process.kill().await;
        self.process = launch(self.product, &self.program, &self.lab, &self.folder, &self.ports)?;
        self.ready().await
    }

    async fn ready(&mut self) -> Result<(), ProcessError> {
        let address = self.address();
        self.process.accepts(address, &address.to_string()).await
    }
}

fn launch(
    product: &'static Product,
    program: &Path,
    lab: &Path,
    folder: &Path,
    ports: &[u16],
) -> Result<Process, ProcessError> {
    // The path may hold anything, so the shell finds it in a variable.
    let command = format!("exec \"$ETAG_LAB_SERVER\" {}", (product.arguments)(ports));
    let variables = [("ETAG_LAB_SERVER", OsString::from(program))];
    let log = folder.join("log");
    Process::guarded(product.name.to_owned(), lab, &command, Some(folder), variables, log)
}

/// The program of a product on the PATH or in a folder of the system's servers.
pub(crate) fn find(product: &'static Product) -> Result<PathBuf, RunError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(SYSTEM_FOLDERS.map(PathBuf::from));
    let mut candidates =
        folders.flat_map(|folder| product.programs.iter().map(move |program| folder.join(program)));
    candidates.find(|program| program.is_file()).ok_or_else(|| RunError::MissingServer {
        name: product.name,
        program: product.programs.join("` or `"),
        installation: product.installation,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_not_installed_is_named_with_the_way_out() {
        static NOBODY: Product = Product {
            name: "Nobody",
            programs: &["nobody-has-this-server", "nor-this"],
            installation: "write it first",
            ports: 1,
            arguments: |_| String::new(),
        };
        let message = find(&NOBODY).expect_err("nobody has it").to_string();
        assert_eq!(
            message,
            "Nobody is not on this machine: no `nobody-has-this-server` or `nor-this` on the PATH\n  \
             = help: write it first"
        );
    }
}
