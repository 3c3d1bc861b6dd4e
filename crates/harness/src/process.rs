//! A child process of the lab: started, awaited, given orders, killed, stopped.
//!
//! There are two kinds. The lab's own servers run under `--control stdio` ([`server::stdio`]): they
//! report their address, take orders, and end with their standard input. A foreign program knows
//! nothing of this, so it runs under `etag-lab guard`, which ends it with *its* standard input. So
//! no child outlives the lab, not even when the lab is killed.
//!
//! All other output of a child goes to a log, whose end becomes part of an error message. This
//! module does not know the purpose of any child.

use std::ffi::{OsStr, OsString};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use server::stdio::{self, Messages, NoReport, Order, Report};
use thiserror::Error;
use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

mod cpu;
mod guard;
mod log;

pub use guard::guard;

/// Limit for everything that a child is waited for: to start, to answer, to end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
const CONNECT_INTERVAL: Duration = Duration::from_millis(10);

/// Failure of a child process, as a sentence that begins with its name. With the end of its log
/// where that may explain it.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct ProcessError(String);

/// A running child process.
#[derive(Debug)]
pub(crate) struct Process {
    name: String,
    log: PathBuf,
    child: Child,
    /// Dropping it is the order to stop.
    orders: Option<ChildStdin>,
    /// `None` for a foreign program, which reports nothing.
    reports: Option<Messages<BufReader<ChildStdout>>>,
    address: SocketAddr,
    /// CPU time that its account does not count: the price of starting.
    cpu_at_start: Duration,
    cpu_at_end: Option<Duration>,
    cpu_of_predecessors: Duration,
}

impl Process {
    /// Starts one of the lab's own servers; `program` is `etag-lab`. Dropping it kills it.
    pub(crate) fn under_control(
        name: String,
        program: &Path,
        arguments: impl IntoIterator<Item = OsString>,
        log: PathBuf,
    ) -> Result<Self, ProcessError> {
        let control = ["--control", "stdio"].map(OsString::from);
        Self::reporting(name, program, arguments.into_iter().chain(control), log)
    }

    /// Starts the lab's own program, which takes orders and reports without being told to. Dropping it
    /// kills it.
    pub(crate) fn reporting(
        name: String,
        program: &Path,
        arguments: impl IntoIterator<Item = OsString>,
        log: PathBuf,
    ) -> Result<Self, ProcessError> {
        let mut command = Command::new(program);
        command.args(arguments).kill_on_drop(true);
        Self::launch(name, command, program, log, true)
    }

    /// Starts a foreign program under its guard; `lab` is `etag-lab`, which is the guard, and
    /// `command` a line for the shell. Dropping it ends the program.
    pub(crate) fn guarded(
        name: String,
        lab: &Path,
        command: &str,
        folder: Option<&Path>,
        variables: impl IntoIterator<Item = (&'static str, OsString)>,
        log: PathBuf,
    ) -> Result<Self, ProcessError> {
        let mut guard = Command::new(lab);
        guard.args([OsStr::new("guard"), OsStr::new("--"), OsStr::new(command)]).envs(variables);
        if let Some(folder) = folder {
            guard.current_dir(folder);
        }
        // Not killed on drop: a guard that is killed leaves its program behind. The end of its
        // input is enough.
        Self::launch(name, guard, lab, log, false)
    }

    fn launch(
        name: String,
        mut command: Command,
        program: &Path,
        log: PathBuf,
        has_reports: bool,
    ) -> Result<Self, ProcessError> {
        let mut spawn = || {
            let output = log::open(&log)?;
            let stdout =
                if has_reports { Stdio::piped() } else { Stdio::from(output.try_clone()?) };
            command.stdout(stdout);
            // Ctrl-C is for the lab, which first saves what was measured.
            command.stdin(Stdio::piped()).stderr(output).process_group(0).spawn()
        };
        let mut child = spawn().map_err(|error| {
            ProcessError(format!("cannot start {name} (`{}`): {error}", program.display()))
        })?;
        // Held open as long as the child shall run, also where no order is ever given.
        let orders = child.stdin.take();
        let reports = child.stdout.take().map(|reports| Messages::from(BufReader::new(reports)));
        Ok(Self {
            name,
            log,
            child,
            orders,
            reports,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            cpu_at_start: Duration::ZERO,
            cpu_at_end: None,
            cpu_of_predecessors: Duration::ZERO,
        })
    }

    /// The address that it listens on; of no use before [`Self::ready`] or [`Self::accepts`].
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until a server under control has taken its address.
    pub(crate) async fn ready(&mut self) -> Result<(), ProcessError> {
        const TASK: &str = "report its address";
        match self.report::<NoReport>(TASK).await? {
            Report::Ready { address } => self.address = address,
            Report::Failed { reason } => return Err(self.refused(TASK, &reason)),
            Report::Own(never) => match never {},
        }
        Ok(())
    }

    /// Waits until a foreign program accepts connections; `port` is how an error names the address.
    pub(crate) async fn accepts(
        &mut self,
        address: SocketAddr,
        port: &str,
    ) -> Result<(), ProcessError> {
        self.address = address;
        // A foreign program reports nothing. That it accepts connections is all that can be known.
        let accepts = async {
            let mut attempts = tokio::time::interval(CONNECT_INTERVAL);
            loop {
                attempts.tick().await;
                if TcpStream::connect(address).await.is_ok() {
                    return;
                }
            }
        };
        tokio::select! {
            biased;
            // Nobody waits for a program that has ended already.
            _ = self.child.wait() => Err(self.ended().await),
            () = accepts => Ok(()),
            () = tokio::time::sleep(PATIENCE) => {
                Err(self.late(&format!("accept connections on {port}")))
            }
        }
    }

    /// Gives an order and waits for the report that `answer` takes.
    pub(crate) async fn order<O: Order, T>(
        &mut self,
        order: &O,
        task: &str,
        mut answer: impl FnMut(O::Report) -> Option<T>,
    ) -> Result<T, ProcessError> {
        if let Some(orders) = &mut self.orders
            && stdio::send(orders, order).await.is_err()
        {
            return Err(self.ended().await);
        }
        loop {
            match self.report(task).await? {
                Report::Failed { reason } => return Err(self.refused(task, &reason)),
                Report::Ready { .. } => {}
                // Another report belongs to an order that nobody waits for any more.
                Report::Own(report) => {
                    if let Some(answer) = answer(report) {
                        return Ok(answer);
                    }
                }
            }
        }
    }

    /// Hands it the arguments that are not on its command line: before anything else.
    pub(crate) async fn introduce(&mut self, arguments: &[String]) -> Result<(), ProcessError> {
        if let Some(orders) = &mut self.orders
            && stdio::send(orders, &arguments).await.is_err()
        {
            return Err(self.ended().await);
        }
        Ok(())
    }

    /// Gives an order that has no report of its own.
    pub(crate) async fn tell(&mut self, order: &impl Order) -> Result<(), ProcessError> {
        if let Some(orders) = &mut self.orders
            && stdio::send(orders, order).await.is_err()
        {
            return Err(self.ended().await);
        }
        Ok(())
    }

    /// The next report of one that takes such orders, however long it takes. May be cancelled.
    pub(crate) async fn hear<O: Order>(&mut self) -> Result<O::Report, ProcessError> {
        const TASK: &str = "do what it was started for";
        let reports = self.reports.as_mut().expect("orders go to servers under control only");
        loop {
            match reports.next().await {
                Ok(Some(Ok(Report::Own(report)))) => return Ok(report),
                Ok(Some(Ok(Report::Ready { .. }))) => {}
                Ok(Some(Ok(Report::Failed { reason }) | Err(reason))) => {
                    return Err(self.refused(TASK, &reason));
                }
                Ok(None) | Err(_) => return Err(self.ended().await),
            }
        }
    }

    async fn report<R: serde::de::DeserializeOwned>(
        &mut self,
        task: &str,
    ) -> Result<Report<R>, ProcessError> {
        let reports = self.reports.as_mut().expect("orders go to servers under control only");
        match tokio::time::timeout(PATIENCE, reports.next()).await {
            Err(_elapsed) => Err(self.late(task)),
            Ok(Ok(Some(report))) => report.map_err(|error| self.refused(task, &error)),
            Ok(Ok(None) | Err(_)) => Err(self.ended().await),
        }
    }

    pub(crate) fn late(&self, task: &str) -> ProcessError {
        let (name, seconds, output) = (&self.name, PATIENCE.as_secs(), log::last_lines(&self.log));
        ProcessError(format!("{name} did not {task} within {seconds} s{output}"))
    }

    fn refused(&self, task: &str, reason: &str) -> ProcessError {
        ProcessError(format!("{} did not {task}: {reason}", self.name))
    }

    async fn ended(&mut self) -> ProcessError {
        let status = match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(Ok(status)) => status.to_string(),
            Ok(Err(error)) => error.to_string(),
            Err(_elapsed) => "closed its output but still runs".to_owned(),
        };
        let (name, output) = (&self.name, log::last_lines(&self.log));
        let duty = if self.is_foreign() {
            "\n  a program of your own has to stay, and to serve at 127.0.0.1 on the port in PORT"
        } else {
            ""
        };
        ProcessError(format!("{name} ended unexpectedly ({status}){output}{duty}"))
    }

    /// True until it was waited for, so that it can be given orders.
    pub(crate) fn is_alive(&self) -> bool {
        self.child.id().is_some()
    }

    /// True for a program that takes no orders.
    pub(crate) fn is_foreign(&self) -> bool {
        self.reports.is_none()
    }

    /// CPU time on its account so far, or until it was killed; `None` where the system does not
    /// report it, and for a foreign program, whose guard is not worth measuring.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        let own = self.cpu_at_end.or_else(|| self.cpu_so_far())?;
        Some(own.saturating_sub(self.cpu_at_start) + self.cpu_of_predecessors)
    }

    /// Begins the account: earlier CPU time of this process does not count.
    pub(crate) fn begin_account(&mut self) {
        self.cpu_at_start = self.cpu_so_far().unwrap_or_default();
    }

    /// Takes over the account of a process that this one replaces.
    pub(crate) fn succeed(&mut self, predecessor: &Self) {
        self.cpu_of_predecessors = predecessor.cpu().unwrap_or_default();
    }

    fn cpu_so_far(&self) -> Option<Duration> {
        self.child.id().filter(|_| !self.is_foreign()).and_then(cpu::of_process)
    }

    /// `kill -9`, for a foreign program and all that it has started; returns when it is gone.
    pub(crate) async fn kill(&mut self) {
        if self.is_foreign() {
            return self.close().await;
        }
        // The clock of a process goes with it.
        self.cpu_at_end = self.cpu_at_end.or_else(|| self.cpu_so_far());
        // An error means that it is gone already, which is what was asked for.
        let _ = self.child.kill().await;
    }

    /// Ends its standard input, which is the order to stop; returns when it has ended.
    pub(crate) async fn close(&mut self) {
        drop(self.orders.take());
        if tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
            // It has had its chance to end in an orderly way.
            let _ = self.child.kill().await;
        }
    }
}
