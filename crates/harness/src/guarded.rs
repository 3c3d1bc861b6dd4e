//! Somebody else's program as a process of ours that never outlives us.
//!
//! The program cannot be asked to watch its standard input, so `etag-lab guard` does that for it:
//! it starts the program in a process group of its own and kills the whole group when its own
//! standard input ends, however the lab came to its end. What the program is for, and what it says,
//! is not known here.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, Command};

/// How long a program may take to become ready, and its guard to end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// Time between two attempts to connect to a program that is starting.
const READY_PROBE: Duration = Duration::from_millis(10);

/// A running program under its guard; dropping it kills the program.
#[derive(Debug)]
pub(crate) struct Guarded {
    guard: Child,
    lifeline: Option<ChildStdin>,
}

/// Why a program does not accept connections.
#[derive(Debug)]
pub(crate) enum NotAccepting {
    /// It ended, and how.
    Ended(String),
    /// It runs and does not listen.
    Silent,
}

impl Guarded {
    /// Runs `command` in the shell, in this folder if one is given, with these variables besides
    /// our own; all that it writes goes to `log`. `lab` is the `etag-lab` program.
    pub(crate) fn start(
        lab: &Path,
        command: &str,
        folder: Option<&Path>,
        variables: impl IntoIterator<Item = (&'static str, OsString)>,
        log: File,
    ) -> io::Result<Self> {
        let mut guard = Command::new(lab);
        guard
            .args([OsStr::new("guard"), OsStr::new("--"), OsStr::new(command)])
            .envs(variables)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .kill_on_drop(false);
        if let Some(folder) = folder {
            guard.current_dir(folder);
        }
        let mut guard = guard.spawn()?;
        let lifeline = guard.stdin.take();
        Ok(Self { guard, lifeline })
    }

    /// Waits until something accepts connections there; an end before that is told at once.
    pub(crate) async fn accepts(&mut self, address: SocketAddr) -> Result<(), NotAccepting> {
        let accepts = async {
            let mut attempts = tokio::time::interval(READY_PROBE);
            loop {
                attempts.tick().await;
                if TcpStream::connect(address).await.is_ok() {
                    return;
                }
            }
        };
        tokio::select! {
            biased;
            status = self.guard.wait() => Err(NotAccepting::Ended(
                status.map_or_else(|error| error.to_string(), |status| status.to_string()),
            )),
            () = accepts => Ok(()),
            () = tokio::time::sleep(PATIENCE) => Err(NotAccepting::Silent),
        }
    }

    /// `kill -9` for the program and all that it has started; returns when they are gone.
    pub(crate) async fn kill(&mut self) {
        drop(self.lifeline.take());
        // An error means that the guard is gone already, and its program with it.
        let _ = tokio::time::timeout(PATIENCE, self.guard.wait()).await;
    }
}

/// Runs `command` in the shell until it ends or standard input does, then kills all its
/// processes; returns its exit code, 1 when it was killed.
///
/// This is the `etag-lab guard` command, for the lab's own use.
pub async fn guard(command: &str) -> io::Result<u8> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let mut lifeline = tokio::io::stdin();
    let mut ignored = [0; 64];
    let status = tokio::select! {
        status = child.wait() => Some(status?),
        () = async { while matches!(lifeline.read(&mut ignored).await, Ok(n) if n > 0) {} } => None,
    };
    if let Some(group) = group {
        // An error means that no process of the group is left.
        let _ = kill_process_group(group, Signal::KILL);
    }
    if status.is_none() {
        child.wait().await?;
    }
    let code = status.and_then(|status| status.code());
    Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
