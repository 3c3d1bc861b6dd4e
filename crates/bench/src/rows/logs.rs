//! What the account of an access log costs, beside programs that only count its lines or its statuses.

mod corpus;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::bench::Bench;
use crate::measured::{Candidate, in_turn};
use crate::peers::{self, lab};
use crate::process::Running;
use crate::record::{Comparison, Row, Run, Target};
use crate::rows::Entry;

use corpus::{Corpus, Form};

pub(crate) const ENTRY: Entry = Entry { name: "logs", title: "reading an access log", measure };

const BYTES: u64 = 2_000_000_000;
/// Clients of the log whose speed is read, and of the one whose memory is.
const CLIENTS: u64 = 200_000;
const MANY_CLIENTS: u64 = 10_000_000;
/// `GoAccess` would take minutes for all of it.
const PART: u64 = BYTES / 20;
const ROUNDS: u32 = 3;
const LIMIT: Duration = Duration::from_secs(300);
const MEGABYTE: f64 = 1e6;

fn measure(bench: &Bench) -> Result<Row> {
    let write =
        |form, clients, name| Corpus { form, clients, bytes: BYTES }.write(&bench.path(name));
    let part = Corpus { form: Form::Combined, clients: CLIENTS, bytes: PART };
    let part = part.write(&bench.path("part.log"))?;
    let combined = write(Form::Combined, CLIENTS, "combined.log")?;
    let json = write(Form::Json, CLIENTS, "json.log")?;
    let many = write(Form::Combined, MANY_CLIENTS, "many.log")?;
    let mut memory = Vec::new();
    let mut candidates = vec![
        Candidate::new("etag-lab logs, combined", || Ok(read(bench, &combined)?.0)),
        Candidate::new("etag-lab logs, JSON", || Ok(read(bench, &json)?.0)),
        Candidate::new("etag-lab logs, combined, 10 million clients", || {
            let (run, peak) = read(bench, &many)?;
            memory.push(peak as f64 / MEGABYTE);
            Ok(run)
        }),
    ];
    let (others, missing): (Vec<_>, Vec<_>) =
        peers::log_readers(&combined, &part).into_iter().partition(|(_, command)| command.is_ok());
    for (name, command) in others {
        let mut command = command?;
        let log = if name == "GoAccess" { &part } else { &combined };
        let run = move || Ok(of_command(bench, &mut command, log)?.0);
        candidates.push(Candidate::new(name, run));
    }
    let contestants = in_turn(ROUNDS, "MB/s of a processor", candidates)?;
    let values = |at: usize| contestants[at].runs.iter().map(|run| run.value).collect();
    let of = Comparison::of_values;
    let comparisons = vec![
        of("access log in combined format", "MB/s", values(0), Target::AtLeast(1_000.0)),
        of("access log in JSON", "MB/s", values(1), Target::AtLeast(600.0)),
        of("memory for a log with 10 million clients", "MB", memory, Target::AtMost(300.0)),
    ];
    let missing: Vec<_> = missing.into_iter().map(|(name, _)| name).collect();
    Ok(Row {
        name: ENTRY.name,
        title: ENTRY.title,
        setup: setup(&missing),
        contestants,
        comparisons,
    })
}

fn setup(missing: &[&str]) -> String {
    let missing = if missing.is_empty() {
        String::new()
    } else {
        format!(" Not here: {}.", missing.join(", "))
    };
    format!(
        "Logs of {BYTES} bytes, 400 paths and {CLIENTS} clients, in the cache of the kernel; bytes by \
         second of user and system time, on one processor. etag-lab accounts for each client and path; \
         GoAccess makes its report of a log of {PART} bytes; DuckDB sums requests and bytes by status, and angle-grinder counts \
         them; wc counts lines. {ROUNDS} rounds.{missing}"
    )
}

fn read(bench: &Bench, log: &Path) -> Result<(Run, u64)> {
    let mut command = lab::command(bench, &["logs", "--format", "json"]);
    of_command(bench, command.arg(log), log)
}

/// The speed at which a program reads a log, and the most memory that it held.
fn of_command(bench: &Bench, command: &mut Command, log: &Path) -> Result<(Run, u64)> {
    let mut command = lab::pinned(command, 0);
    let running = Running::start(&mut command, &bench.path("logs.log"))?;
    let (finished, peak) = running.finish_with_peak(LIMIT, &bench.stop)?;
    let cpu = finished.cpu.own + finished.cpu.children;
    let bytes = std::fs::metadata(log)?.len();
    Ok((Run { value: bytes as f64 / MEGABYTE / cpu.as_secs_f64(), ..Run::default() }, peak))
}
