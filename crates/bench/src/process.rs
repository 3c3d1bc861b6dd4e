//! Programs that the benchmark starts: each in a process group of its own, which is killed when
//! its owner is dropped, so that none survives, whatever ends the benchmark.

use std::fs::File;
use std::io::Read as _;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process_group, waitid,
};

use crate::accounting::{CpuTime, cpu_time, cpu_time_of_tree, peak_resident_bytes};
use crate::stop::Stop;

/// How long a server may take to accept its first connection.
const START_LIMIT: Duration = Duration::from_secs(10);
const TRY_AGAIN: Duration = Duration::from_millis(5);

/// How often a wait looks whether it should be given up.
const STOP_CHECK: Duration = Duration::from_millis(100);

/// How often the memory of a process is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// A process and all its descendants that stayed in its group.
#[derive(Debug)]
struct Group {
    child: Child,
    pid: Pid,
}

impl Group {
    fn spawn(command: &mut Command) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let pid = Pid::from_child(&child);
        Ok(Self { child, pid })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // An error means that nothing of the group is left. The leader has not been waited for,
        // so its number cannot have gone to another process.
        let _ = kill_process_group(self.pid, Signal::KILL);
        let _ = self.child.wait();
    }
}

/// A server that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    group: Group,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a server and waits until it accepts connections; what it says goes to `log`.
    pub(crate) fn start(command: &mut Command, address: SocketAddr, log: &Path) -> Result<Self> {
        let output = File::create(log)?;
        let errors = output.try_clone()?;
        let group = Group::spawn(command.stdout(output).stderr(errors))?;
        let mut server = Self { group, address };
        server
            .wait_until_it_accepts()
            .with_context(|| format!("{} said: {}", command.get_program().display(), said(log)))?;
        Ok(server)
    }

    fn wait_until_it_accepts(&mut self) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = end_of(self.group.pid, WaitIdOptions::NOHANG)? {
                bail!("ended at once: {status:?}");
            }
            if Instant::now() > deadline {
                bail!("does not accept connections at {}", self.address);
            }
            thread::sleep(TRY_AGAIN);
        }
        Ok(())
    }

    /// CPU time since its start, of all its processes.
    pub(crate) fn cpu_time(&self) -> Result<Duration> {
        cpu_time_of_tree(self.group.child.id())
    }
}

/// A program that ends by itself.
#[derive(Debug)]
pub(crate) struct Running {
    group: Group,
    started: Instant,
    ended: Receiver<Result<End>>,
    log: PathBuf,
}

/// The end of a program, as the thread that waits for it saw it.
#[derive(Debug)]
struct End {
    stdout: String,
    at: Instant,
    /// `None` when a signal ended it.
    code: Option<i32>,
}

/// What a program left behind.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    /// What it wrote to standard output.
    pub(crate) stdout: String,
    /// From before its start until after its end.
    pub(crate) wall: Duration,
    /// All of its CPU time.
    pub(crate) cpu: CpuTime,
}

impl Running {
    /// Starts a program; what it writes to standard error goes to `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let started = Instant::now();
        let errors = File::create(log)?;
        let mut group = Group::spawn(command.stdout(Stdio::piped()).stderr(errors))?;
        let mut output = group.child.stdout.take().context("standard output was asked for")?;
        let (sender, ended) = channel();
        let pid = group.pid;
        thread::spawn(move || {
            let mut stdout = String::new();
            let read = output.read_to_string(&mut stdout).map_err(anyhow::Error::from);
            let waited = end_of(pid, WaitIdOptions::empty()).map_err(anyhow::Error::from);
            let at = Instant::now();
            let code = waited.map(|status| status.and_then(|status| status.exit_status()));
            // Nobody listens any more when the wait was given up.
            let _ = sender.send(read.and(code).map(|code| End { stdout, at, code }));
        });
        Ok(Self { group, started, ended, log: log.to_owned() })
    }

    /// CPU time so far.
    pub(crate) fn cpu_time(&self) -> Result<CpuTime> {
        cpu_time(self.group.child.id())
    }

    /// Most memory it held so far, in bytes; `None` once it has ended.
    pub(crate) fn peak_resident_bytes(&self) -> Option<u64> {
        peak_resident_bytes(self.group.child.id())
    }

    /// Whether it ended within `limit`; waits no longer than that.
    pub(crate) fn wait_for(&mut self, limit: Duration, stop: &Stop) -> Result<Option<Finished>> {
        let deadline = Instant::now() + limit;
        loop {
            stop.check()?;
            let left = deadline.saturating_duration_since(Instant::now());
            match self.ended.recv_timeout(left.min(STOP_CHECK)) {
                Ok(end) => return self.account(end?).map(Some),
                Err(RecvTimeoutError::Timeout) if left.is_zero() => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(anyhow!("it was waited for twice"));
                }
            }
        }
    }

    /// Waits for the end, and returns with it the most memory that was seen meanwhile, in bytes.
    pub(crate) fn finish_with_peak(
        mut self,
        limit: Duration,
        stop: &Stop,
    ) -> Result<(Finished, u64)> {
        let deadline = Instant::now() + limit;
        let mut peak = 0;
        while Instant::now() < deadline {
            // It only grows: the last one seen before the end is nearly the peak.
            peak = self.peak_resident_bytes().unwrap_or(peak).max(peak);
            if let Some(finished) = self.wait_for(LOOK, stop)? {
                return Ok((finished, peak));
            }
        }
        bail!("did not end within {limit:?}")
    }

    fn account(&self, end: End) -> Result<Finished> {
        let cpu = self.cpu_time()?;
        if end.code != Some(0) {
            bail!("exit code {:?}: {}", end.code, said(&self.log));
        }
        Ok(Finished { stdout: end.stdout, wall: end.at - self.started, cpu })
    }

    /// Waits for the end, for at most `limit`.
    pub(crate) fn finish(mut self, limit: Duration, stop: &Stop) -> Result<Finished> {
        self.wait_for(limit, stop)?.with_context(|| format!("did not end within {limit:?}"))
    }
}

/// How a process ended, without reaping it: its times stay readable, its number stays taken.
fn end_of(pid: Pid, options: WaitIdOptions) -> rustix::io::Result<Option<WaitIdStatus>> {
    waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | options)
}

fn said(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default().trim().to_owned()
}

/// An address on loopback that nobody listens at, at the moment.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    fn start(script: &str) -> Result<(Running, tempfile::TempDir)> {
        let directory = tempfile::tempdir()?;
        let mut command = Command::new("sh");
        let running = Running::start(command.args(["-c", script]), &directory.path().join("log"))?;
        Ok((running, directory))
    }

    #[test]
    fn the_output_and_the_whole_time_of_a_program_are_known_after_its_end() -> Result<()> {
        let (running, _directory) =
            start("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo $i")?;
        let finished = running.finish(LIMIT, &Stop::default())?;
        assert_eq!(finished.stdout, "200000\n");
        assert!(finished.cpu.own > Duration::ZERO && finished.cpu.children.is_zero());
        Ok(())
    }

    #[test]
    fn a_failure_is_told_with_what_the_program_said() -> Result<()> {
        let (running, _directory) = start("echo no such luck >&2; exit 3")?;
        let error = running.finish(LIMIT, &Stop::default()).expect_err("it failed");
        assert_eq!(error.to_string(), "exit code Some(3): no such luck");
        Ok(())
    }

    #[test]
    fn descendants_end_with_their_owner() -> Result<()> {
        let (mut running, _directory) = start("sleep 1000 & sleep 1000")?;
        let (_, nothing) = channel();
        let ended = std::mem::replace(&mut running.ended, nothing);
        drop(running);
        // Standard output comes to its end only when nobody holds it any more. The process
        // itself may be gone by then, which is an error here and all the better.
        assert!(ended.recv_timeout(LIMIT).is_ok());
        Ok(())
    }
}
