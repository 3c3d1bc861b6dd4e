//! What a fleet of ten thousand costs the proxy: its share of one processor, and what the clients see
//! of it.
//!
//! Read while every client polls for the second time: the first interval brings the table to each of
//! them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Resource, getrlimit};

use crate::bench::Bench;
use crate::exchange::routes_url;
use crate::measured::{Candidate, in_turn};
use crate::peers::lab;
use crate::process::{Running, Server};
use crate::record::{Comparison, Row, Run, Target};
use crate::rows::Entry;

pub(crate) const ENTRY: Entry =
    Entry { name: "crowd", title: "the control-plane proxy and 10,000 clients", measure };

const CLIENTS: u32 = 10_000;
const INTERVAL: Duration = Duration::from_secs(3);

/// The first interval, with a moment to start.
const FIRST: Duration = Duration::from_millis(3_500);

/// How long the processor is read: some polls remain when the window closes.
const WINDOW: Duration = Duration::from_secs(2);

/// Polls of each client: the first one, and one that is measured.
const POLLS: u32 = 2;

/// Rounds; each takes two intervals.
const ROUNDS: u32 = 3;

/// Descriptors for everything else than connections.
const SPARE: u64 = 200;

/// Linux counts processors from zero, and there is always the first.
const PROCESSOR: usize = 0;

/// What clients saw, one value for each round.
#[derive(Default)]
struct Seen {
    failed: Vec<f64>,
    median_ms: Vec<f64>,
    slowest_ms: Vec<f64>,
}

fn measure(bench: &Bench) -> Result<Row> {
    let proxy = lab::coalescer(bench, Some(PROCESSOR))?;
    let connections = connections();
    let mut seen = Seen::default();
    let crowd = Candidate::new("etag-lab coalesce", || poll(bench, &proxy, connections, &mut seen));
    let contestants = in_turn(ROUNDS, "% of a processor", vec![crowd])?;
    let shares = contestants[0].runs.iter().map(|run| run.value).collect();
    let of = Comparison::of_values;
    let comparisons = vec![
        of("proxy with 10,000 clients at 3 s, of a processor", "%", shares, Target::AtMost(10.0)),
        of("polls of 10,000 clients that fail", "polls", seen.failed, Target::AtMost(0.0)),
        of("latency of its 304s, median", "ms", seen.median_ms, Target::AtMost(1.0)),
        of("latency of its 304s, 99th percentile", "ms", seen.slowest_ms, Target::AtMost(10.0)),
    ];
    Ok(Row {
        name: ENTRY.name,
        title: ENTRY.title,
        setup: setup(connections),
        contestants,
        comparisons,
    })
}

fn setup(connections: u64) -> String {
    format!(
        "`etag-lab poll --cadence open-loop`, {CLIENTS} clients that poll every {} s over \
         {connections} connections, against `etag-lab coalesce` on one processor with a table of a \
         hundred routes, some 8 KB. The processor is read during the second poll of each client; \
         latencies are those of its 304s. {ROUNDS} rounds.",
        INTERVAL.as_secs()
    )
}

/// One each, where the operating system lets a process have so many.
fn connections() -> u64 {
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    u64::from(CLIENTS).min(limit.saturating_sub(SPARE)).max(1)
}

fn poll(bench: &Bench, proxy: &Server, connections: u64, seen: &mut Seen) -> Result<Run> {
    let mut running = start(bench, proxy, connections)?;
    wait(&mut running, FIRST, bench)?;
    let (start, before) = (Instant::now(), proxy.cpu_time()?);
    wait(&mut running, WINDOW, bench)?;
    let (length, cpu) = (start.elapsed(), proxy.cpu_time()?.saturating_sub(before));
    let finished = running.finish(Duration::from_secs(30), &bench.stop)?;
    let arm = lab::arm(&finished)?;
    ensure!(arm.polls == u64::from(CLIENTS * POLLS), "{} polls", arm.polls);
    seen.failed.push(arm.errors as f64);
    seen.median_ms.push(arm.latency_us[0] as f64 / 1e3);
    seen.slowest_ms.push(arm.latency_us[1] as f64 / 1e3);
    let share = cpu.as_secs_f64() / length.as_secs_f64();
    let polls_per_second = f64::from(CLIENTS) / INTERVAL.as_secs_f64();
    let cpu_us_per_poll = BTreeMap::from([("proxy", share * 1e6 / polls_per_second)]);
    Ok(Run { value: share * 100.0, cpu_us_per_poll, ..Run::default() })
}

fn start(bench: &Bench, proxy: &Server, connections: u64) -> Result<Running> {
    let url = routes_url(proxy.address);
    let mut command = lab::command(bench, &["poll", &url, "--cadence", "open-loop"]);
    command
        .args(["--jitter", "0", "--interval", &format!("{}s", INTERVAL.as_secs())])
        .args(["--clients", &CLIENTS.to_string(), "--polls", &POLLS.to_string()])
        .args(["--connections", &connections.to_string()])
        .args(["--format", "json", "--no-save"]);
    Running::start(&mut command, &bench.path("crowd.log")).context("cannot poll")
}

fn wait(running: &mut Running, length: Duration, bench: &Bench) -> Result<()> {
    let ended = running.wait_for(length, &bench.stop)?;
    ensure!(ended.is_none(), "it ended before it was read");
    Ok(())
}
