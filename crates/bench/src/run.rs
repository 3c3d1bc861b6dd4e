//! One run of the benchmark: the order of events, and the files that it leaves.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use tempfile::NamedTempFile;

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
    write_atomically(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn write_atomically(path: &Path, text: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = path.parent().context("the path has no directory")?;
    fs::create_dir_all(directory)?;
    let mut file = tempfile::Builder::new()
        .permissions(fs::Permissions::from_mode(0o644))
        .tempfile_in(directory)?;
    NamedTempFile::write_all(&mut file, text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole() -> Result<()> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("new/bench.md");
        write_atomically(&path, "long text")?;
        write_atomically(&path, "short")?;
        assert_eq!(fs::read_to_string(&path)?, "short");
        assert_eq!(fs::read_dir(directory.path().join("new"))?.count(), 1);
        Ok(())
    }
}
