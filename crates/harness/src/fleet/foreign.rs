//! A replica that is somebody else's program, and the guard that ends it.
//!
//! The program cannot be asked to watch its standard input, so `etag-lab guard` does that for it:
//! it starts the program in a process group of its own and kills the whole group when its own
//! standard input ends, however the lab came to its end.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, Command};

use crate::ports;

use super::{Deployment, FleetError, FleetSpec, PATIENCE, ReplicaKind, Seat, last_lines};

/// Time between two attempts to connect to a program that is starting.
const READY_PROBE: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(super) struct ForeignReplica {
    seat: Seat,
    guard: Child,
    lifeline: Option<ChildStdin>,
    address: SocketAddr,
}

impl ForeignReplica {
    pub(super) fn launch(
        spec: &FleetSpec,
        seat: Seat,
        command: &str,
        port: u16,
        deployment: &Deployment,
    ) -> Result<Self, FleetError> {
        let log = seat.prepare()?;
        put_copy(&seat, deployment)?;
        let second_log = log
            .try_clone()
            .map_err(|error| FleetError::Prepare { path: seat.log.clone(), error })?;
        let mut guard = Command::new(&spec.program);
        guard
            .args(["guard", "--", command])
            .env("PORT", port.to_string())
            .env("REPLICA", seat.replica.0.to_string())
            .env("REPLICAS", spec.histories.len().to_string())
            .env("RESOURCE", &seat.copy)
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(second_log)
            .process_group(0)
            .kill_on_drop(false);
        let mut guard = guard.spawn().map_err(|error| FleetError::Start {
            replica: seat.replica,
            program: spec.program.display().to_string(),
            error,
        })?;
        let lifeline = guard.stdin.take();
        Ok(Self { seat, guard, lifeline, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ready when its port accepts; an end before that is reported at once.
    pub(super) async fn ready(&mut self) -> Result<(), FleetError> {
        let accepts = async {
            let mut attempts = tokio::time::interval(READY_PROBE);
            loop {
                attempts.tick().await;
                if TcpStream::connect(self.address).await.is_ok() {
                    return;
                }
            }
        };
        tokio::select! {
            () = accepts => Ok(()),
            status = self.guard.wait() => Err(FleetError::Ended {
                replica: self.seat.replica,
                status: status.map_or_else(|error| error.to_string(), |status| status.to_string()),
                output: last_lines(&self.seat.log),
            }),
            () = tokio::time::sleep(PATIENCE) => Err(FleetError::NotReady {
                replica: self.seat.replica,
                what: format!("nothing accepts on PORT={}", self.address.port()),
                output: last_lines(&self.seat.log),
            }),
        }
    }

    /// Replaces the copy that the program may or may not read.
    pub(super) fn deploy(&mut self, deployment: &Deployment) -> Result<(), FleetError> {
        put_copy(&self.seat, deployment)
    }

    pub(super) async fn kill(&mut self) {
        drop(self.lifeline.take());
        // An error means that the guard is gone already, and its program with it.
        let _ = tokio::time::timeout(PATIENCE, self.guard.wait()).await;
    }
}

/// A new file renamed into place, as deploys do, with the modification time of the deployment.
fn put_copy(seat: &Seat, deployment: &Deployment) -> Result<(), FleetError> {
    let fresh = seat.copy.with_extension("new");
    let put = || {
        std::fs::copy(&deployment.source, &fresh)?;
        std::fs::File::options().write(true).open(&fresh)?.set_modified(deployment.modified)?;
        std::fs::rename(&fresh, &seat.copy)
    };
    put().map_err(|error| FleetError::Prepare { path: seat.copy.clone(), error })
}

/// Ports that nobody uses at the moment; 0 for replicas that choose their own.
pub(super) fn free_ports(spec: &FleetSpec) -> Result<Vec<u16>, FleetError> {
    let count = spec.histories.len();
    if matches!(spec.kind, ReplicaKind::Own { .. }) {
        return Ok(vec![0; count]);
    }
    ports::free(count).map_err(|error| FleetError::Prepare { path: "127.0.0.1:0".into(), error })
}

/// Runs `command` in the shell until it ends or standard input does, then kills all its
/// processes; returns its exit code, 1 when it was killed.
///
/// This is the `etag-lab guard` command, for the lab's own use.
pub async fn guard(command: &str) -> std::io::Result<u8> {
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
