//! A private Redis or Valkey for a test, with nothing on disk but its empty folder.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::Running;
use super::served::{accepting, start_on_a_free_port};
use super::{home, require_any};

/// A running server, killed when the test is over.
pub(crate) struct Redis {
    program: PathBuf,
    process: Option<Running>,
    address: SocketAddr,
    password: Option<&'static str>,
}

impl Redis {
    /// `None` where there is no such program: then the test is to return.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(None)
    }

    /// The same for a server that wants a password.
    pub(crate) fn start_with(password: Option<&'static str>) -> Option<Self> {
        let program = require_any(&["redis-server", "valkey-server"])?;
        let (process, address) =
            start_on_a_free_port(|address| command(&program, address, password));
        Some(Self { program, process: Some(process), address, password })
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its database of this number as `--store` names it.
    pub(crate) fn store(&self, database: u8) -> String {
        let password = self.password.map(|password| format!(":{password}@")).unwrap_or_default();
        format!("redis://{password}{}/{database}", self.address)
    }

    /// An answer that is one line, without its end: an integer, a status.
    pub(crate) fn tell(&self, command: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        let commands = self.password.map(|password| format!("AUTH {password}"));
        let commands: Vec<_> = commands.into_iter().chain([command.to_owned()]).collect();
        write!(stream, "{}\r\n", commands.join("\r\n"))?;
        let mut lines = BufReader::new(stream).lines().take(commands.len());
        lines.try_fold(String::new(), |_, line| line)
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again at the same address, with nothing in it.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let mut process = Running::start(&mut command(&self.program, self.address, self.password));
        assert!(accepting(&mut process, self.address), "{}", process.stdout());
        self.process = Some(process);
    }
}

fn command(program: &Path, address: SocketAddr, password: Option<&str>) -> Command {
    let mut command = Command::new(program);
    command.args(["--bind", "127.0.0.1", "--port", &address.port().to_string()]);
    command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(home());
    if let Some(password) = password {
        command.args(["--requirepass", password]);
    }
    command
}
