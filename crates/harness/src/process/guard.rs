//! The `etag-lab guard` command: runs a foreign program that must not outlive the lab.
//!
//! Such a program cannot be asked to watch its standard input. Its guard does that for it, so that
//! the program ends with the lab, however the lab ended.

use std::io;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

/// Runs `command` in the shell until it ends or standard input does, then kills all its
/// processes; returns its exit code, 1 when it was killed.
pub async fn guard(command: &str) -> io::Result<u8> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        // A group of its own, so that what the program has started can be killed with it.
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
