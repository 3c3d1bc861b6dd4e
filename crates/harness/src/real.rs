//! A private server of somebody else's for one run: found on the machine, started on free ports
//! with all its files in a folder of the run, killed and started again, and gone with us.
//!
//! Says nothing about what the server is used for, and never touches one that it did not start.

use std::ffi::OsString;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::fleet::last_lines;
use crate::guarded::{Guarded, NotAccepting};
use crate::ports;

mod etcd;
mod redis;

pub(crate) use etcd::ETCD;
pub(crate) use redis::REDIS;

/// Where servers of the system are installed that are not for everybody's PATH.
const SYSTEM_FOLDERS: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];
/// Between our choice of a port and the server's own `bind`, somebody else may take it.
const ATTEMPTS: usize = 3;

/// What must be known of a server to run it.
#[derive(Debug)]
pub(crate) struct Product {
    /// What people call it.
    pub(crate) name: &'static str,
    /// Names of its program, the usual one first.
    pub(crate) programs: &'static [&'static str],
    /// How it gets onto a machine.
    pub(crate) installation: &'static str,
    /// Ports that it takes. Clients connect to the first one.
    pub(crate) ports: usize,
    /// Its arguments, words for the shell, for these ports of 127.0.0.1. The working directory is
    /// an empty folder of its own, which a restart finds as it was left.
    pub(crate) arguments: fn(ports: &[u16]) -> String,
}

/// Why there is no server.
#[derive(Debug, Error)]
pub enum RealError {
    /// It is not installed.
    #[error("{name} is not on this machine: no `{program}` on the PATH\n  = help: {installation}")]
    Missing {
        /// Of the product.
        name: &'static str,
        /// What was looked for.
        program: String,
        /// The way out.
        installation: &'static str,
    },
    /// It cannot be started at all.
    #[error("cannot start {name} (`{}`): {error}", program.display())]
    Start {
        /// Of the product.
        name: &'static str,
        /// What was started.
        program: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// It ended, or does not listen.
    #[error("{name} did not come up: {problem}{output}")]
    NotUp {
        /// Of the product.
        name: &'static str,
        /// What happened instead.
        problem: String,
        /// The end of its log, which does not outlive the run, as an appendix.
        output: String,
    },
}

/// A running server; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Server {
    product: &'static Product,
    program: PathBuf,
    /// The `etag-lab` program, as its guard.
    lab: PathBuf,
    folder: PathBuf,
    ports: Vec<u16>,
    process: Guarded,
}

impl Server {
    /// Starts the product in this folder, which is made if need be; returns when it accepts
    /// connections. `lab` is the `etag-lab` program.
    pub(crate) async fn start(
        product: &'static Product,
        lab: &Path,
        folder: &Path,
    ) -> Result<Self, RealError> {
        let program = find(product)?;
        let failed =
            |error| RealError::Start { name: product.name, program: program.clone(), error };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut attempt = 1;
        loop {
            let ports = ports::free(product.ports).map_err(failed)?;
            let process = launch(product, &program, lab, folder, &ports)?;
            let (program, lab, folder) = (program.clone(), lab.to_owned(), folder.to_owned());
            let mut server = Self { product, program, lab, folder, ports, process };
            match server.ready().await {
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                result => return result.map(|()| server),
            }
        }
    }

    /// Where clients connect.
    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports[0]))
    }

    /// `kill -9`; returns when it is gone.
    pub(crate) async fn kill(&mut self) {
        self.process.kill().await;
    }

    /// Kills it if it runs, and starts it again at the same address with the files that it left.
    pub(crate) async fn restart(&mut self) -> Result<(), RealError> {
        self.kill().await;
        self.process = launch(self.product, &self.program, &self.lab, &self.folder, &self.ports)?;
        self.ready().await
    }

    async fn ready(&mut self) -> Result<(), RealError> {
        let address = self.address();
        self.process.accepts(address).await.map_err(|problem| RealError::NotUp {
            name: self.product.name,
            problem: match problem {
                NotAccepting::Ended(status) => format!("it ended ({status})"),
                NotAccepting::Silent => format!("nothing accepts on {address}"),
            },
            output: last_lines(&log_in(&self.folder)),
        })
    }
}

fn launch(
    product: &'static Product,
    program: &Path,
    lab: &Path,
    folder: &Path,
    ports: &[u16],
) -> Result<Guarded, RealError> {
    let failed =
        |error| RealError::Start { name: product.name, program: program.to_owned(), error };
    let log = File::options().create(true).append(true).open(log_in(folder)).map_err(failed)?;
    // The path may hold anything, so the shell finds it in a variable.
    let command = format!("exec \"$ETAG_LAB_SERVER\" {}", (product.arguments)(ports));
    let variables = [("ETAG_LAB_SERVER", OsString::from(program))];
    Guarded::start(lab, &command, Some(folder), variables, log).map_err(failed)
}

fn log_in(folder: &Path) -> PathBuf {
    folder.join("log")
}

/// The program of a product on the PATH or where systems keep their servers.
pub(crate) fn find(product: &'static Product) -> Result<PathBuf, RealError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(SYSTEM_FOLDERS.map(PathBuf::from));
    let mut candidates =
        folders.flat_map(|folder| product.programs.iter().map(move |program| folder.join(program)));
    candidates.find(|program| program.is_file()).ok_or_else(|| RealError::Missing {
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
