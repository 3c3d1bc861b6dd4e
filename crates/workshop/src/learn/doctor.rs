//! Looks at a laptop before a workshop: what is there, and what is missing for which part.
//!
//! Needs no network and no rights, and leaves nothing behind.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::Scratch;
use rustix::fs::statvfs;

use crate::learn::check::{Checked, check};
use crate::learn::proof::{Lab, find_program};
use crate::learn::set::Set;

/// Port of the live page, unless another one is given.
const PAGE: u16 = 8304;
/// Free space of which nothing has to be removed during a workshop.
const ENOUGH_DISK: u64 = 200 << 20;
/// Processors with which load and replicas do not wait for each other.
const ENOUGH_PROCESSORS: usize = 2;
/// Longest wait for a program that is asked for its version.
const PATIENCE: Duration = Duration::from_secs(3);
/// Names of browsers on the PATH, and of what opens one.
const BROWSERS: [&str; 8] = [
    "firefox",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "microsoft-edge",
    "brave-browser",
    "xdg-open",
    "open",
];

/// How much something matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Fine,
    /// Something will not work, or slowly; the rest does.
    Lacking,
    /// Nothing works without it.
    Broken,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// Name of it, one word.
    pub what: &'static str,
    /// Whether it will do.
    pub state: State,
    /// What was found, and the way out if it will not do. May hold text from outside.
    pub found: String,
}

impl Examined {
    fn new(what: &'static str, state: State, found: impl Into<String>) -> Self {
        Self { what, state, found: found.into() }
    }
}

/// Looks at everything; some seconds at most.
pub async fn examine(home: &Path, lab: &Lab) -> Vec<Examined> {
    let mut all = vec![processors(), disk(home), scratch(), ports(), page()];
    all.push(trial(lab).await);
    all.push(interpreter("python3", "exercises with a replica in Python"));
    all.push(interpreter("node", "replicas of your own in Node"));
    all.push(browser());
    all
}

fn processors() -> Examined {
    let there = std::thread::available_parallelism().map_or(1, usize::from);
    let found = text::counted(there as u64, "processor");
    if there >= ENOUGH_PROCESSORS {
        return Examined::new("processors", State::Fine, found);
    }
    let found = format!("{found}: everything works, with longer latencies");
    Examined::new("processors", State::Lacking, found)
}

fn disk(home: &Path) -> Examined {
    match statvfs(home) {
        Err(error) => Examined::new("disk", State::Broken, format!("cannot be looked at: {error}")),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let found = format!("{} MB free in this folder", text::count(free / 1_000_000));
            let state = if free >= ENOUGH_DISK { State::Fine } else { State::Lacking };
            Examined::new("disk", state, found)
        }
    }
}

fn scratch() -> Examined {
    match Scratch::new("doctor") {
        Ok(_) => Examined::new("temporary", State::Fine, "temporary files can be written"),
        Err(error) => {
            let found = format!("{error}; set TMPDIR to a folder that can be written");
            Examined::new("temporary", State::Broken, found)
        }
    }
}

fn ports() -> Examined {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)) {
        Ok(_) => Examined::new("ports", State::Fine, "loopback gives ports"),
        Err(error) => {
            let found = format!("no port on 127.0.0.1: {error}; is `lo` up? (`ip link set lo up`)");
            Examined::new("ports", State::Broken, found)
        }
    }
}

fn page() -> Examined {
    let found = match TcpListener::bind((Ipv4Addr::LOCALHOST, PAGE)) {
        Ok(_) => format!("{PAGE} is free for the live page"),
        Err(_) => format!("{PAGE} is taken: the live page takes the next free one"),
    };
    Examined::new("page", State::Fine, found)
}

/// A whole exercise: replicas, balancer and clients, unsolved and solved.
async fn trial(lab: &Lab) -> Examined {
    let set = Set::built_in();
    let exercise = &set.all()[0];
    let begun = Instant::now();
    match check(exercise, lab).await {
        Ok(Checked::Sound(_)) => {
            let took = begun.elapsed().as_millis();
            Examined::new("a run", State::Fine, format!("two runs of a fleet took {took} ms"))
        }
        Ok(Checked::Faulty(problem) | Checked::Missing(problem)) => {
            Examined::new("a run", State::Broken, problem)
        }
        Err(error) => Examined::new("a run", State::Broken, error.to_string()),
    }
}

fn interpreter(name: &'static str, purpose: &str) -> Examined {
    match find_program(name).and_then(|_| version(name)) {
        Some(version) => Examined::new(name, State::Fine, version),
        None => Examined::new(name, State::Lacking, format!("not there: no {purpose}")),
    }
}

/// First line of `NAME --version`; `None` where there is none in time.
fn version(name: &str) -> Option<String> {
    let asked = Command::new(name)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .stdout(Stdio::piped())
        .spawn();
    let mut asked = asked.ok()?;
    let begun = Instant::now();
    let status = loop {
        match asked.try_wait().ok()? {
            Some(status) => break status,
            None if begun.elapsed() > PATIENCE => {
                // It may have ended by now, which is as good.
                let _ = asked.kill();
                let _ = asked.wait();
                return None;
            }
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    let output = asked.wait_with_output().ok().filter(|_| status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).lines().next()?.to_owned();
    Some(text::excerpt(&text))
}

fn browser() -> Examined {
    match BROWSERS.iter().find(|name| find_program(name).is_some()) {
        Some(name) => Examined::new("browser", State::Fine, (*name).to_owned()),
        None => Examined::new(
            "browser",
            State::Lacking,
            "none on the PATH: the live page needs one, on this machine or on another",
        ),
    }
}
