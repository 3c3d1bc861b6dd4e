//! etag-lab itself: its servers, its polling clients, and the whole lab.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::ensure_not_modified;
use crate::bench::{Bench, CONNECTIONS, RESOURCE_BYTES};
use crate::exchange::routes_tag;
use crate::measured::Load;
use crate::process::{Finished, Running, Server, free_address};

/// Polls of the run that finds out how many polls fill a measurement.
const TRIAL_POLLS: u64 = 30_000;

/// How long a proxy may take to its first table.
const START_LIMIT: Duration = Duration::from_secs(10);
const TRY_AGAIN: Duration = Duration::from_millis(20);

/// How much longer than planned a run may take before it is given up.
const PATIENCE: u32 = 20;

/// Starts one replica with tags made from the content.
pub(crate) fn replica(bench: &Bench) -> Result<Server> {
    let address = free_address()?;
    let mut command = command(bench, &["replica", "--strategy", "content-hash"]);
    command.args(["--size", &RESOURCE_BYTES.to_string(), "--listen", &address.to_string()]);
    let log = bench.path(&format!("replica-{}.log", address.port()));
    Server::start(&mut command, address, &log)
}

/// Starts the proxy with a table of about the size of the resource, on one processor if it is told.
pub(crate) fn coalescer(bench: &Bench, processor: Option<usize>) -> Result<Server> {
    let address = free_address()?;
    let table = bench.path(&format!("routes-{}.json", address.port()));
    fs::write(&table, routes())?;
    let mut command = command(bench, &["coalesce", "--upstream"]);
    command.arg(&table).args(["--listen", &address.to_string()]);
    if let Some(processor) = processor {
        command = pinned(&command, processor);
    }
    let log = bench.path(&format!("coalesce-{}.log", address.port()));
    let server = Server::start(&mut command, address, &log)?;
    await_table(bench, address)?;
    Ok(server)
}

/// A hundred routes.
fn routes() -> String {
    let route = |number: usize| {
        let service = format!("service-{number:03}.shop.svc.cluster.local:8080");
        format!(r#"{{"id":"route-{number:03}","path":"/v1/{number:03}","to":"{service}"}}"#)
    };
    format!(r#"{{"routes":[{}]}}"#, (0..100).map(route).collect::<Vec<_>>().join(","))
}

/// The same command on one processor only.
pub(crate) fn pinned(command: &Command, processor: usize) -> Command {
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", &processor.to_string()]).arg(command.get_program());
    pinned.args(command.get_args());
    pinned
}

/// A proxy accepts connections before it has a table.
fn await_table(bench: &Bench, address: SocketAddr) -> Result<()> {
    let deadline = Instant::now() + START_LIMIT;
    while let Err(error) = routes_tag(address) {
        bench.stop.check()?;
        ensure!(Instant::now() < deadline, "no table: {error:#}");
        thread::sleep(TRY_AGAIN);
    }
    Ok(())
}

/// Starts the balancer in front of these servers.
pub(crate) fn balancer(bench: &Bench, origins: &[Server]) -> Result<Server> {
    let address = free_address()?;
    let mut command = command(bench, &["balancer", "--policy", "round-robin"]);
    command.args(["--listen", &address.to_string()]);
    for origin in origins {
        command.args(["--replica", &format!("http://{}", origin.address)]);
    }
    let log = bench.path(&format!("balancer-{}.log", address.port()));
    Server::start(&mut command, address, &log)
}

/// What an arm of `etag-lab run` or `etag-lab poll` reports about itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Arm {
    /// Polls made.
    pub(crate) polls: u64,
    /// Length of the arm in seconds.
    pub(crate) elapsed_s: f64,
    /// Bytes written for all polls.
    pub(crate) request_bytes: u64,
    /// Bytes read for all polls.
    pub(crate) response_bytes: u64,
    /// Polls that failed.
    pub(crate) errors: u64,
    /// Polls answered 304.
    pub(crate) not_modified: u64,
    /// Latency of 304s in microseconds: of half of them, and of all but one in a hundred.
    pub(crate) latency_us: [u64; 2],
}

impl Arm {
    /// Polls per second.
    pub(crate) fn rate(&self) -> f64 {
        self.polls as f64 / self.elapsed_s
    }

    /// A load whose polls were 304s, first fetches apart.
    fn into_load(self, cpu: BTreeMap<&'static str, Duration>) -> Result<Load> {
        ensure!(self.errors == 0, "{} polls of etag-lab failed", self.errors);
        ensure_not_modified(self.polls, self.response_bytes as f64)?;
        Ok(Load { polls: self.polls, rate: self.rate(), cpu })
    }
}

/// Polling clients, as fast as answers come.
pub(crate) struct Poll<'a> {
    bench: &'a Bench,
    url: String,
    connections: u32,
    flags: Vec<String>,
    polls: u64,
}

impl<'a> Poll<'a> {
    /// Clients of `url`, with as many polls as fill a measurement on this machine.
    pub(crate) fn new(bench: &'a Bench, url: &str) -> Result<Self> {
        Self::over(bench, url, CONNECTIONS, &[])
    }

    /// The same over so many connections, with further flags.
    pub(crate) fn over(
        bench: &'a Bench,
        url: &str,
        connections: u32,
        flags: &[&str],
    ) -> Result<Self> {
        let flags = flags.iter().map(|&flag| flag.to_owned()).collect();
        let mut poll = Self { bench, url: url.to_owned(), connections, flags, polls: TRIAL_POLLS };
        poll.polls = filling(bench, poll.load()?.rate);
        Ok(poll)
    }

    /// One run.
    pub(crate) fn load(&self) -> Result<Load> {
        let mut command = command(self.bench, &["poll", &self.url, "--cadence", "shuffled"]);
        shape(&mut command, self.connections, self.polls);
        command.args(&self.flags);
        let (finished, arm) = run(self.bench, &mut command)?;
        arm.into_load(BTreeMap::from([("client", finished.cpu.own)]))
    }
}

/// The whole lab: replica processes, balancer and clients, with a single arm.
pub(crate) struct Lab<'a> {
    bench: &'a Bench,
    scenario: PathBuf,
    polls: u64,
    /// Of the trial; the first fetches are few among them.
    pub(crate) trial: Arm,
}

impl<'a> Lab<'a> {
    /// A lab with as many polls as fill a measurement on this machine.
    pub(crate) fn new(bench: &'a Bench) -> Result<Self> {
        let scenario = scenario(bench, "bench.toml")?;
        let trial = lab_run(bench, &scenario, TRIAL_POLLS)?.1;
        Ok(Self { bench, scenario, polls: filling(bench, trial.rate()), trial })
    }

    /// One run.
    pub(crate) fn load(&self) -> Result<Load> {
        let (finished, arm) = lab_run(self.bench, &self.scenario, self.polls)?;
        arm.into_load(BTreeMap::from([
            ("client and balancer", finished.cpu.own),
            ("replicas", finished.cpu.children),
        ]))
    }
}

fn lab_run(bench: &Bench, scenario: &Path, polls: u64) -> Result<(Finished, Arm)> {
    let mut command = command(bench, &["run"]);
    command.arg(scenario);
    shape(&mut command, CONNECTIONS, polls);
    run(bench, &mut command)
}

/// Writes the scenario of the whole lab to a new file of this name.
pub(crate) fn scenario(bench: &Bench, name: &str) -> Result<PathBuf> {
    let path = bench.path(name);
    let text = format!(
        "name = \"bench\"\n[resource]\nsize-bytes = {RESOURCE_BYTES}\n[fleet]\nreplicas = 3\n\
         [load]\ncadence = \"shuffled\"\n[[arm]]\nname = \"after\"\nstrategy = \"content-hash\"\n"
    );
    fs::write(&path, text)?;
    Ok(path)
}

fn shape(command: &mut Command, connections: u32, polls: u64) {
    command.args(["--clients", &CONNECTIONS.to_string()]);
    command.args(["--connections", &connections.to_string()]);
    command.args(["--total-polls", &polls.to_string(), "--format", "json", "--no-save"]);
}

/// Runs the default scenario, as somebody does who types `etag-lab run` and nothing else.
pub(crate) fn defaults(bench: &Bench) -> Result<Finished> {
    let mut command = command(bench, &["run", "--no-save"]);
    let running = Running::start(&mut command, &bench.path("defaults.log"))?;
    running.finish(Duration::from_secs(60), &bench.stop)
}

/// The program with these arguments.
pub(crate) fn command(bench: &Bench, arguments: &[&str]) -> Command {
    let mut command = Command::new(&bench.program);
    command.args(arguments);
    command
}

fn run(bench: &Bench, command: &mut Command) -> Result<(Finished, Arm)> {
    let running = Running::start(command, &bench.path("etag-lab.log"))?;
    let finished = running.finish(bench.length() * PATIENCE, &bench.stop)?;
    let arm = arm(&finished)?;
    Ok((finished, arm))
}

/// The only arm that a program with `--format json` reported.
pub(crate) fn arm(finished: &Finished) -> Result<Arm> {
    let record = serde_json::from_str(&finished.stdout)?;
    parse_arm(&record).context("the record of etag-lab lacks a field")
}

fn parse_arm(record: &Value) -> Option<Arm> {
    let arm = record.pointer("/arms/0")?;
    let count = |pointer| arm.pointer(pointer).and_then(Value::as_u64);
    Some(Arm {
        polls: count("/polls")?,
        elapsed_s: arm.pointer("/elapsed_s")?.as_f64()?,
        request_bytes: count("/bytes/requests")?,
        response_bytes: count("/bytes/responses")?,
        errors: count("/verdicts/error")?,
        not_modified: count("/not_modified")?,
        latency_us: [count("/latency_304_us/p50")?, count("/latency_304_us/p99")?],
    })
}

fn filling(bench: &Bench, rate: f64) -> u64 {
    (rate * bench.length().as_secs_f64()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arm_is_read_from_the_record() {
        let record = serde_json::json!({ "arms": [{
            "polls": 1_000, "elapsed_s": 0.5, "not_modified": 900,
            "verdicts": { "error": 1, "validated": 900 },
            "bytes": { "requests": 90_000, "responses": 200_000 },
            "latency_304_us": { "p50": 150, "p90": 200, "p99": 900, "p999": 950, "max": 1_000 },
        }]});
        let arm = parse_arm(&record).expect("every field is there");
        assert_eq!((arm.polls, arm.errors, arm.not_modified), (1_000, 1, 900));
        assert_eq!((arm.request_bytes, arm.response_bytes), (90_000, 200_000));
        assert_eq!((arm.rate() as u64, arm.latency_us), (2_000, [150, 900]));
        assert!(arm.into_load(BTreeMap::new()).is_err(), "a poll failed");
    }

    #[test]
    fn a_record_without_an_arm_is_refused() {
        assert_eq!(parse_arm(&serde_json::json!({ "arms": [] })), None);
    }
}
