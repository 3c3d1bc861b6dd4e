//! Processes as the outside sees them: started, signalled, awaited, and looked up in `/proc`.
//! Knows nothing of what they serve.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::{eventually, home};

/// Limit for anything that normally takes milliseconds, on a slow and busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// A process of the test, killed when the test is over; its output goes to files.
pub(crate) struct Running {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Running {
    /// Starts `command`.
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::start_showing(command, None)
    }

    /// Starts `command` with its standard error on this terminal, if there is one.
    pub(crate) fn start_showing(command: &mut Command, terminal: Option<OwnedFd>) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, Relaxed);
        let output = |stream| home().join(format!("process-{number}.{stream}"));
        let (stdout, stderr) = (output("stdout"), output("stderr"));
        let file = |path| File::create(path).expect("the output of a process can be kept");
        let errors = file(&stderr);
        command.stdout(file(&stdout)).stderr(terminal.unwrap_or_else(|| errors.into()));
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, stdout, stderr }
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, which must find it alive.
    pub(crate) fn signal(&self, signal: Signal) {
        send(self.pid(), signal).expect("the process runs");
    }

    /// Status with which it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("it is our child")
    }

    /// Waits until it ends.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        eventually("the end of a process", PATIENCE, || self.ended())
    }

    /// Its standard output so far.
    pub(crate) fn stdout(&self) -> String {
        text_of(&self.stdout)
    }

    /// Its standard error so far.
    pub(crate) fn stderr(&self) -> String {
        text_of(&self.stderr)
    }

    /// A figure of its memory in KiB, such as `VmRSS` or `VmHWM`, its peak so far; `None` when it has
    /// none any more.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory_kib(&self, figure: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    }

    /// Number of its open descriptors; `None` when it has ended.
    #[cfg(target_os = "linux")]
    pub(crate) fn descriptors(&self) -> Option<u64> {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.pid())).ok()?;
        Some(open.count() as u64)
    }

    /// Its children that are alive.
    pub(crate) fn children(&self) -> Vec<Process> {
        Process::all().into_iter().filter(|process| process.parent == self.pid()).collect()
    }

    /// Its children that are alive, their children, and so on.
    pub(crate) fn descendants(&self) -> Vec<Process> {
        let all = Process::all();
        let mut family = vec![self.pid()];
        let mut descendants = Vec::new();
        while let Some(parent) = family.pop() {
            for process in all.iter().filter(|process| process.parent == parent) {
                family.push(process.pid);
                descendants.push(*process);
            }
        }
        descendants
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Errors mean that it has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text_of(path: &PathBuf) -> String {
    String::from_utf8_lossy(&std::fs::read(path).expect("the output was kept")).into_owned()
}

fn send(pid: u32, signal: Signal) -> rustix::io::Result<()> {
    let pid = Pid::from_raw(pid.cast_signed()).expect("no process has the number 0");
    kill_process(pid, signal)
}

/// A process that was alive when it was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) parent: u32,
    /// Start in clock ticks after boot: a number that is given away again is another process.
    pub(crate) started: u64,
}

impl Process {
    /// Every process that is alive; those dead and not yet waited for are not.
    fn all() -> Vec<Self> {
        let numbers = std::fs::read_dir("/proc")
            .expect("/proc can be read")
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        numbers.filter_map(Self::find).collect()
    }

    /// Every live process with `text` in its arguments.
    pub(crate) fn with_argument(text: &str) -> Vec<Self> {
        let has_text =
            |process: &Self| process.arguments().iter().any(|argument| argument.contains(text));
        Self::all().into_iter().filter(has_text).collect()
    }

    /// The words of its command line; none when it has ended.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let line = std::fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        String::from_utf8_lossy(&line).split_terminator('\0').map(str::to_owned).collect()
    }

    fn find(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name of the program, in brackets, may hold anything; what follows does not.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let alive = !matches!(fields.next()?, "Z" | "X" | "x");
        let parent = fields.next()?.parse().ok()?;
        let started = fields.nth(17)?.parse().ok()?;
        alive.then_some(Self { pid, parent, started })
    }

    /// True while it lives.
    pub(crate) fn is_alive(&self) -> bool {
        Self::find(self.pid).is_some_and(|process| process.started == self.started)
    }

    /// `kill -9`.
    pub(crate) fn kill(&self) {
        send(self.pid, Signal::KILL).expect("the process runs");
    }
}

/// Fails the test unless all of them are gone one second after this is called.
pub(crate) fn assert_gone_within_a_second(processes: &[Process]) {
    eventually("the end of every process", Duration::from_secs(1), || {
        processes.iter().all(|process| !process.is_alive()).then_some(())
    });
}
