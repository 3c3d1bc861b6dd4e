//! Polls that the model makes in a second of one processor, beside a simulator of caches.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::bench::Bench;
use crate::measured::{Candidate, in_turn};
use crate::peers::{self, lab};
use crate::process::Running;
use crate::record::{Comparison, Row, Run, Target};
use crate::rows::Entry;

pub(crate) const ENTRY: Entry =
    Entry { name: "model", title: "`etag-lab model`, polls in virtual time", measure };

const CLIENTS: u64 = 1_000_000;
const POLLS: u64 = 50;
/// Requests that the simulator of caches replays: fewer, because it is slower.
const REPLAYED: u64 = 20_000_000;
const ARMS: u64 = 2;
const ROUNDS: u32 = 3;
const LIMIT: Duration = Duration::from_secs(300);

/// Way of polling, its flags, runs that the model plays of each arm, and the least millions of polls a
/// second that are asked for. Where chance plays a part, four more runs show its range.
const WAYS: [(&str, &[&str], u64, f64); 3] = [
    ("lock-step", &["--policy", "round-robin"], 1, 300.0),
    ("random choice", &["--policy", "random"], 5, 100.0),
    ("open loop", &["--cadence", "open-loop", "--jitter", "20%"], 5, 50.0),
];

fn measure(bench: &Bench) -> Result<Row> {
    let of_way = |(name, flags, runs, _): &'static (&str, &[&str], u64, f64)| {
        let name = format!("etag-lab model, {name}");
        Candidate::new(name, move || {
            run(bench, &mut model(bench, flags), CLIENTS * POLLS * ARMS * runs)
        })
    };
    let mut candidates: Vec<_> = WAYS.iter().map(of_way).collect();
    let mut missing = "";
    match peers::cache_simulator(&bench.path("requests.bin"), REPLAYED) {
        Ok(mut command) => candidates
            .push(Candidate::new("libCacheSim, LRU", move || run(bench, &mut command, REPLAYED))),
        Err(_) => missing = " Not here: libCacheSim.",
    }
    let contestants = in_turn(ROUNDS, "million polls/s of a processor", candidates)?;
    let comparison =
        |((name, _, _, least), contestant): (&(&str, _, _, f64), &crate::record::Contestant)| {
            let values = contestant.runs.iter().map(|run| run.value).collect();
            let what = format!("model, {name}, in a second of a processor");
            Comparison::of_values(what, "million polls", values, Target::AtLeast(*least))
        };
    let comparisons = WAYS.iter().zip(&contestants).map(comparison).collect();
    let setup = format!(
        "All of the process, from its start on, by its user and system time, on one processor: {CLIENTS} \
         clients, each modelled for itself, with {POLLS} polls in each of two arms, and three replicas; where \
         chance plays a part, each arm is played five times, and all polls count. \
         libCacheSim replays {REPLAYED} requests with a Zipf distribution for a million objects from a \
         file that was written before. {ROUNDS} rounds.{missing}"
    );
    Ok(Row { name: ENTRY.name, title: ENTRY.title, setup, contestants, comparisons })
}

fn model(bench: &Bench, flags: &[&str]) -> Command {
    let mut command =
        lab::command(bench, &["model", "all-200s", "--each-client", "--replicas", "3"]);
    let (clients, polls) = (CLIENTS.to_string(), POLLS.to_string());
    command.args(["--clients", &clients, "--polls", &polls, "--format", "json", "--no-save"]);
    command.args(flags);
    command
}

fn run(bench: &Bench, command: &mut Command, polls: u64) -> Result<Run> {
    let mut command = lab::pinned(command, 0);
    let running = Running::start(&mut command, &bench.path("model.log"))?;
    let cpu = running.finish(LIMIT, &bench.stop)?.cpu;
    let seconds = (cpu.own + cpu.children).as_secs_f64();
    Ok(Run { value: polls as f64 / 1e6 / seconds, ..Run::default() })
}
