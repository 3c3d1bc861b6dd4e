//! One run of the benchmark: what the rows share, and the order of events.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tempfile::{NamedTempFile, TempDir};

use crate::args::Arguments;
use crate::machine::Machine;
use crate::record::{BenchRecord, NotMeasured, markdown};
use crate::stop::{Interrupted, Stop};
use crate::{machine, peers, progress, rows};

/// Size of the resource that every server serves.
pub(crate) const RESOURCE_BYTES: usize = 8_192;

/// Connections of every load.
pub(crate) const CONNECTIONS: u32 = 64;

/// What the rows share.
#[derive(Debug)]
pub(crate) struct Bench {
    /// Rounds of each row.
    pub(crate) pairs: u32,
    /// Length of one measurement in seconds.
    pub(crate) seconds: u32,
    /// The etag-lab that is measured.
    pub(crate) program: PathBuf,
    /// Asked in every wait.
    pub(crate) stop: Stop,
    directory: TempDir,
    /// Parent of the served file; the file is `api/config`, so that all URLs have one path.
    pub(crate) served: PathBuf,
}

impl Bench {
    fn new(arguments: &Arguments) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("etag-lab-bench-").tempdir()?;
        let served = directory.path().join("served");
        fs::create_dir_all(served.join("api"))?;
        fs::write(served.join("api/config"), vec![b'x'; RESOURCE_BYTES])?;
        Ok(Self {
            pairs: arguments.pairs,
            seconds: arguments.seconds,
            program: program(arguments)?,
            stop: Stop::on_signals()?,
            directory,
            served,
        })
    }

    /// A path for a file or directory of this run; `name` must be new.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Nominal length of one measurement.
    pub(crate) fn length(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }
}

/// Measures all that is asked for, writes the files, and gives what is in them.
pub(crate) fn run(arguments: &Arguments) -> Result<(BenchRecord, String)> {
    let bench = Bench::new(arguments)?;
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
