//! Thousands of polls a second while what answers them is killed again and again. Counted in polls:
//! each kill waits for its share of them, seen in the progress that `poll` shows on a terminal.
//!
//! `scripts/soak` makes it `SOAK` times as long and prints the tables.
#![cfg(target_os = "linux")]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::etcd::Etcd;
use crate::support::http::ask;
use crate::support::process::{PATIENCE, Running};
use crate::support::served::{Served, accepting, balancer, start_on_a_free_port};
use crate::support::terminal::terminal;
use crate::support::{etag_lab, eventually};

/// Polls at 5,000/s, and from one kill of a replica to the next.
const POLLS: u64 = 100_000;
const POLLS_PER_KILL: u64 = 10_000;
/// Polls of the proxy at 2,000/s, from one kill of its etcd to the next, and to the next change.
const PROXY_POLLS: u64 = 40_000;
const PROXY_POLLS_PER_KILL: u64 = 20_000;
const PROXY_POLLS_PER_CHANGE: u64 = 2_000;

/// Most that a process may grow after the first tenth of its polls.
const MOST_GROWTH_KIB: u64 = 2 * 1024;
const MOST_NEW_DESCRIPTORS: u64 = 64;

#[test]
fn no_poll_fails_while_one_replica_after_the_other_is_killed() {
    let mut replicas = [(); 3].map(|()| start_on_a_free_port(replica_at));
    let balancer = balancer(&replicas.each_ref().map(|(_, address)| *address), &[]);
    let total = POLLS * times();
    let mut polls = Polls::start(&balancer.url(), 5_000, total);
    let mut watch = Watch::of(&["balancer", "poll", "replica 1", "replica 2", "replica 3"]);
    let kills = total / POLLS_PER_KILL;
    for (kill, victim) in (1..=kills).zip((0..3).cycle()) {
        // Half a share early, so that polls follow the last kill.
        polls.await_made(kill * POLLS_PER_KILL - POLLS_PER_KILL / 2);
        let [one, two, three] = replicas.each_ref().map(|(process, _)| process);
        watch.look(&[&balancer.process, &polls.process, one, two, three]);
        let (process, address) = &mut replicas[victim];
        process.signal(Signal::KILL);
        process.wait();
        *process = Running::start(&mut replica_at(*address));
        assert!(accepting(process, *address), "{}", process.stderr());
    }
    let arm = polls.end();
    show(&format!("{kills} kills of a replica"), &arm, &watch);
    assert_all_answered(&arm, total);
    watch.assert_bounded();
}

#[test]
fn a_proxy_whose_etcd_is_killed_serves_everybody_and_ends_with_the_newest_routes() {
    let Some(mut etcd) = Etcd::start() else { return };
    etcd.put("/routes/a", &route(0));
    let proxy =
        Served::start(&["coalesce", "--interval=200ms", "--id=1", "--upstream", &etcd.source()]);
    await_route(proxy.address, 0);
    let total = PROXY_POLLS * times();
    let mut polls = Polls::start(&format!("http://{}/routes", proxy.address), 2_000, total);
    let mut watch = Watch::of(&["coalesce", "poll"]);
    let [kills, changes] = [PROXY_POLLS_PER_KILL, PROXY_POLLS_PER_CHANGE].map(|per| total / per);
    for n in 1..changes {
        polls.await_made(n * PROXY_POLLS_PER_CHANGE);
        watch.look(&[&proxy.process, &polls.process]);
        // It is gone for a fifth of the time, in which nobody can change a route.
        match n % (changes / kills) {
            3 => etcd.kill(),
            4 => {}
            5 => etcd.restart(),
            _ => etcd.put("/routes/a", &route(n)),
        }
    }
    await_route(proxy.address, changes - 1);
    let arm = polls.end();
    show(&format!("{kills} kills of etcd, {changes} changes"), &arm, &watch);
    assert_all_answered(&arm, total);
    assert_eq!((&arm["tables"]["held_at_end"], &arm["tables"]["lost"]), (&2_000.into(), &0.into()));
    watch.assert_bounded();
}

/// Multiple of the polls to be made.
fn times() -> u64 {
    std::env::var("SOAK").map_or(1, |times| times.parse().expect("SOAK is a whole number"))
}

fn replica_at(address: SocketAddr) -> Command {
    let mut command = etag_lab();
    command.args(["replica", "--listen", &address.to_string()]);
    command
}

fn route(n: u64) -> String {
    format!(r#"{{"n":{n}}}"#)
}

/// Waits until the proxy serves the route that was written last.
fn await_route(proxy: SocketAddr, n: u64) {
    let wanted = format!(r#"{{"id":"a","n":{n}}}"#);
    eventually("the newest route", PATIENCE, || {
        let answer = ask(proxy, "GET /routes", &[]).expect("the proxy answers");
        String::from_utf8_lossy(&answer.content).contains(&wanted).then_some(())
    });
}

/// No poll failed, and no client was given older content than it had, or was told to keep it.
#[track_caller]
fn assert_all_answered(arm: &Value, polls: u64) {
    assert_eq!(arm["polls"], polls);
    for bad in ["error", "regressed", "false_validation"] {
        assert_eq!(arm["verdicts"][bad], 0, "{bad}: {arm:#}");
    }
}

/// Prints the figures for whoever asked for them with `--nocapture`.
#[expect(clippy::print_stderr, reason = "whoever runs scripts/soak is to know")]
fn show(what: &str, arm: &Value, watch: &Watch) {
    let (polls, errors, latency) = (&arm["polls"], &arm["verdicts"]["error"], &arm["latency_us"]);
    let [p50, p99, max] = ["p50", "p99", "max"].map(|name| &latency[name]);
    eprintln!("\n{polls} polls, {what}: {errors} failed; {p50} µs p50, {p99} µs p99, {max} µs max");
    eprintln!("{}", watch.table());
}

/// `etag-lab poll` in an open loop of one poll a second and client, whose progress can be seen.
struct Polls {
    process: Running,
    made: Arc<AtomicU64>,
}

impl Polls {
    fn start(url: &str, clients: u32, polls: u64) -> Self {
        let (screen, terminal) = terminal(100);
        let mut command = etag_lab();
        command
            .args(["poll", url, "--cadence", "open-loop", "--interval", "1s", "--timeout", "60s"])
            .args(["--clients", &clients.to_string(), "--total-polls", &polls.to_string()])
            .args(["--last-known-good", "--no-save", "--format", "json"])
            .env("TERM", "xterm");
        let process = Running::start_showing(&mut command, Some(terminal));
        let made = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&made);
        // It ends when the process does.
        std::thread::spawn(move || {
            let lines = BufReader::new(screen).split(b'\r').map_while(Result::ok);
            lines.filter_map(|line| polls_made(&line)).for_each(|made| seen.store(made, Relaxed));
        });
        Self { process, made }
    }

    /// Waits until so many polls were seen to be made.
    fn await_made(&mut self, polls: u64) {
        eventually("polls", PATIENCE, || {
            assert_eq!(self.process.ended(), None, "it ended early: {}", self.process.stdout());
            (self.made.load(Relaxed) >= polls).then_some(())
        });
    }

    /// The result, once all polls were made.
    fn end(mut self) -> Value {
        let code = self.process.wait().code();
        assert_eq!(code, Some(0), "{}", self.process.stdout());
        let record: Value = serde_json::from_str(&self.process.stdout()).expect("JSON");
        record["arms"][0].clone()
    }
}

/// The number in `…: NUMBER of TOTAL polls, …`.
fn polls_made(line: &[u8]) -> Option<u64> {
    let line = String::from_utf8_lossy(line);
    line.split_once(" of ")?.0.rsplit(' ').next()?.parse().ok()
}

/// Memory in KiB and descriptors of some processes, from the first kill to the last.
struct Watch {
    names: &'static [&'static str],
    looks: Vec<Vec<[u64; 2]>>,
}

impl Watch {
    fn of(names: &'static [&'static str]) -> Self {
        Self { names, looks: Vec::new() }
    }

    fn look(&mut self, processes: &[&Running]) {
        let figures =
            |process: &&Running| Some([process.memory_kib("VmRSS")?, process.descriptors()?]);
        let figures = processes.iter().map(|process| figures(process).expect("it runs"));
        self.looks.push(figures.collect());
    }

    /// Figures of each process after a tenth and half of the time and at the end.
    fn table(&self) -> String {
        let all = self.looks.len();
        let mut table = format!("{:12}{:>20}{:>20}{:>20}", "KiB, fds", "10 %", "50 %", "100 %");
        for (process, name) in self.names.iter().enumerate() {
            let shown = [all / 10, all / 2, all - 1].map(|look| {
                let [memory, descriptors] = self.looks[look][process];
                format!("{:>20}", format!("{memory}, {descriptors}"))
            });
            table.extend([format!("\n{name:12}"), shown.concat()]);
        }
        table
    }

    /// No process grew by more than the bounds after the first tenth of the time.
    #[track_caller]
    fn assert_bounded(&self) {
        let later = &self.looks[self.looks.len() / 10..];
        for (process, name) in self.names.iter().enumerate() {
            for (figure, bound) in [MOST_GROWTH_KIB, MOST_NEW_DESCRIPTORS].into_iter().enumerate() {
                let most = later.iter().map(|look| look[process][figure]).max();
                let bound = later[0][process][figure] + bound;
                assert!(most <= Some(bound), "{name}: {most:?} of {bound}\n{}", self.table());
            }
        }
    }
}
