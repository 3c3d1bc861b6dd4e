//! One run of the benchmark: the order of events, and the files that it leaves.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result};
use system::replace::{Replacement, replace};

use crate::args::Arguments;
use crate::bench::{Bench, CONNECTIONS, RESOURCE_BYTES};
use crate::machine::Machine;
use crate::record::{BenchRecord, NotMeasured, markdown};
use crate::stop::Interrupted;
use crate::{machine, peers, progress, rows};

/// Measures all that is asked for, writes the files, and gives what is in them.
pub(crate) fn run(arguments: &Arguments) -> Result<(BenchRecord, String)> {
    let bench = Bench::new(arguments.pairs, arguments.seconds, program(arguments)?)?;
    let machine = Machine::of_this_run()?;
    machine::warn_when_busy(&machine);
    let (started, clock) = (jiff::Timestamp::now(), Instant::now());
    let (mut measured, mut not_measured) = (Vec::new(), Vec::new());
    for entry in rows::wanted(&arguments.only) {
        progress(&format!("{}: {}", entry.name, entry.title));
        match (entry.measure)(&bench) {
            Ok(row) => measured.push(row),
            Err(error) if error.is::<Interrupted>() => return Err(error),
            // One row that fails must not cost minutes of others.
            Err(error) => not_measured.push(NotMeasured::new(entry.name, &error)),
        }
    }
    let record = BenchRecord {
        schema: crate::record::SCHEMA,
        command: arguments.command(),
        started: started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        elapsed_s: clock.elapsed().as_secs_f64(),
        machine,
        versions: peers::versions(&bench.program)?,
        pairs: bench.pairs,
        seconds: bench.seconds,
        resource_bytes: RESOURCE_BYTES,
        connections: CONNECTIONS,
        rows: measured,
        not_measured,
    };
    let markdown = markdown::render(&record);
    write(arguments, "json", &(serde_json::to_string_pretty(&record)? + "\n"))?;
    write(arguments, "md", &markdown)?;
    Ok((record, markdown))
}

fn program(arguments: &Arguments) -> Result<PathBuf> {
    if let Some(program) = &arguments.program {
        return Ok(program.clone());
    }
    let program = std::env::current_exe()?.with_file_name("etag-lab");
    anyhow::ensure!(program.exists(), "build etag-lab first, or run scripts/bench");
    Ok(program)
}

/// In one step: a reader never sees half a file, and a full disk keeps the old one.
fn write(arguments: &Arguments, extension: &str, text: &str) -> Result<()> {
    let path = arguments.out.join(format!("{}.{extension}", arguments.stem()));
    fs::create_dir_all(&arguments.out)
        .with_context(|| format!("cannot make {}", arguments.out.display()))?;
    Ok(replace(&path, text.as_bytes(), Replacement::default())?)
}
