//! A million pollers through the whole lab: what the slowest 304s of a steady state take, and the memory
//! of clients and balancer.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::bench::Bench;
use crate::measured::{Candidate, in_turn};
use crate::peers::lab;
use crate::process::Running;
use crate::record::{Comparison, Row, Run, Target};
use crate::rows::Entry;

pub(crate) const ENTRY: Entry =
    Entry { name: "million", title: "a million pollers through the whole lab", measure };

const CLIENTS: u64 = 1_000_000;
const INTERVAL_S: u64 = 30;
/// The first fetches, and one poll of each client that is answered 304.
const POLLS: u64 = 2;
const LIMIT: Duration = Duration::from_secs(300);

fn measure(bench: &Bench) -> Result<Row> {
    let (mut slowest, mut memory) = (Vec::new(), Vec::new());
    let polling = Candidate::new("etag-lab run", || {
        let (rate, slowest_ms, peak_mb) = poll(bench)?;
        slowest.push(slowest_ms);
        memory.push(peak_mb);
        Ok(Run { value: rate, ..Run::default() })
    });
    let contestants = in_turn(1, "polls/s", vec![polling])?;
    let of = Comparison::of_values;
    let comparisons = vec![
        of(
            "latency of 304s of a million pollers, 99th percentile",
            "ms",
            slowest,
            Target::AtMost(10.0),
        ),
        of("memory of their clients and balancer", "MB", memory, Target::AtMost(110.0)),
    ];
    let setup = format!(
        "`etag-lab run`, one arm with tags of the content: {CLIENTS} clients that poll every {INTERVAL_S} \
         s in an open loop without jitter, balancer and three replica processes; {POLLS} polls each, of \
         which the first carries content. Once."
    );
    Ok(Row { name: ENTRY.name, title: ENTRY.title, setup, contestants, comparisons })
}

/// Polls a second, milliseconds that the 304s take but for the slowest hundredth, and megabytes.
fn poll(bench: &Bench) -> Result<(f64, f64, f64)> {
    let scenario = lab::scenario(bench, "million.toml")?;
    let mut command = lab::command(bench, &["run"]);
    command.arg(scenario).args(["--cadence", "open-loop", "--jitter", "0"]);
    command.args(["--interval", &format!("{INTERVAL_S}s"), "--clients", &CLIENTS.to_string()]);
    command.args(["--polls", &POLLS.to_string(), "--format", "json", "--no-save"]);
    let running = Running::start(&mut command, &bench.path("million.log"))?;
    let (finished, peak) = running.finish_with_peak(LIMIT, &bench.stop)?;
    let arm = lab::arm(&finished)?;
    ensure!(arm.errors == 0, "{} polls failed", arm.errors);
    ensure!(arm.not_modified == CLIENTS * (POLLS - 1), "{} 304s", arm.not_modified);
    Ok((arm.rate(), arm.latency_us[1] as f64 / 1e3, peak as f64 / 1e6))
}
