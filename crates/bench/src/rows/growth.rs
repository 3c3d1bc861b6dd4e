//! What one poll costs with ten pollers and with a hundred thousand, at the same poll rate.
//!
//! Both are read in a window that begins when every poller has its stored response, because a
//! first fetch carries content and a hundred thousand of them would be compared with ten.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::bench::Bench;
use crate::exchange::url;
use crate::measured::{Candidate, in_turn};
use crate::peers::lab;
use crate::process::{Finished, Running};
use crate::record::{Comparison, Row, Run, Target};
use crate::rows::Entry;

pub(crate) const ENTRY: Entry =
    Entry { name: "growth", title: "cost of a poll with ten and with 100,000 pollers", measure };

const FEW: u32 = 10;
const MANY: u32 = 100_000;

/// Polls per second of all pollers together.
const RATE: u32 = 10_000;

/// The first round, and a little more.
const FIRST_ROUND: Duration = Duration::from_millis(MANY as u64 * 1_000 / RATE as u64 + 500);

/// How far off the promised rate a run may be before its cost per poll means nothing.
const TOLERANCE: f64 = 0.02;

const MEGABYTE: f64 = 1e6;

fn measure(bench: &Bench) -> Result<Row> {
    let replica = lab::replica(bench)?;
    let url = url(replica.address);
    let mut peaks = Vec::new();
    let contestants = in_turn(
        bench.pairs,
        "µs/poll",
        vec![
            Candidate::new(name(FEW), || Ok(polling(bench, &url, FEW)?.run())),
            Candidate::new(name(MANY), || {
                let observed = polling(bench, &url, MANY)?;
                peaks.push(observed.peak_bytes as f64 / MEGABYTE);
                Ok(observed.run())
            }),
        ],
    )?;
    let growth = Comparison::of_ratios(
        "CPU per poll of the client, 100,000 pollers vs 10",
        &contestants[1],
        &[&contestants[0]],
        Target::AtMost(1.2),
    );
    let memory = Comparison::of_values(
        "peak memory of the client with 100,000 pollers",
        "MB",
        peaks,
        Target::AtMost(150.0),
    );
    Ok(Row {
        name: ENTRY.name,
        title: ENTRY.title,
        setup: setup(bench),
        contestants,
        comparisons: vec![growth, memory],
    })
}

fn setup(bench: &Bench) -> String {
    format!(
        "`etag-lab poll --cadence open-loop` at {RATE} polls/s over 64 connections against \
         `etag-lab replica`, read for {} s after every poller has its stored response; CPU time \
         of the client process.",
        bench.seconds
    )
}

fn name(pollers: u32) -> String {
    format!("{pollers} pollers")
}

struct Observed {
    cpu_us_per_poll: f64,
    peak_bytes: u64,
}

impl Observed {
    fn run(&self) -> Run {
        let cpu_us_per_poll = BTreeMap::from([("client", self.cpu_us_per_poll)]);
        Run { value: self.cpu_us_per_poll, cpu_us_per_poll, ..Run::default() }
    }
}

fn polling(bench: &Bench, url: &str, pollers: u32) -> Result<Observed> {
    // Ten pollers need no long first round, only connections that are open.
    let warm_up = if pollers == MANY { FIRST_ROUND } else { Duration::from_secs(1) };
    // Some polls remain when the window closes, so that it lies within the run.
    let length = warm_up + bench.length() + Duration::from_millis(500);
    let mut running = start(bench, url, pollers, length)?;
    let window_start = sample_after(&mut running, warm_up, bench)?;
    let window_end = sample_after(&mut running, bench.length(), bench)?;
    let peak_bytes = running.peak_resident_bytes().context("it ended early")?;
    let finished = running.finish(Duration::from_secs(30), &bench.stop)?;
    ensure_steady(&finished, pollers)?;
    let cpu = window_end.cpu.saturating_sub(window_start.cpu).as_secs_f64();
    let polls = (window_end.at - window_start.at).as_secs_f64() * f64::from(RATE);
    Ok(Observed { cpu_us_per_poll: cpu * 1e6 / polls, peak_bytes })
}

fn start(bench: &Bench, url: &str, pollers: u32, length: Duration) -> Result<Running> {
    let interval_us = u64::from(pollers) * 1_000_000 / u64::from(RATE);
    let polls = (length.as_secs_f64() * f64::from(RATE)) as u64;
    let mut command = lab::command(bench, &["poll", url, "--cadence", "open-loop"]);
    // Without jitter the rate is the same at every moment; the clients stay spread evenly.
    command
        .args(["--jitter", "0"])
        .args(["--clients", &pollers.to_string(), "--connections", "64"])
        .args(["--interval", &format!("{interval_us}us"), "--total-polls", &polls.to_string()])
        .args(["--format", "json", "--no-save"]);
    Running::start(&mut command, &bench.path("growth.log"))
}

struct Sample {
    at: Instant,
    cpu: Duration,
}

fn sample_after(running: &mut Running, wait: Duration, bench: &Bench) -> Result<Sample> {
    let ended = running.wait_for(wait, &bench.stop)?;
    ensure!(ended.is_none(), "it ended before the window");
    Ok(Sample { at: Instant::now(), cpu: running.cpu_time()?.own })
}

fn ensure_steady(finished: &Finished, pollers: u32) -> Result<()> {
    let arm = lab::arm(finished)?;
    ensure!(arm.errors == 0, "{} polls failed", arm.errors);
    let off = (arm.rate() / f64::from(RATE) - 1.0).abs();
    ensure!(off < TOLERANCE, "{:.0} polls/s instead of {RATE}", arm.rate());
    let expected = arm.polls - u64::from(pollers);
    ensure!(arm.not_modified == expected, "{} 304s, not {expected}", arm.not_modified);
    Ok(())
}
