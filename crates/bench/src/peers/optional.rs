//! Programs that a row does without where they are not there: `scripts/bench` brings some of them into
//! `target/bench-peers`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

const FOLDER: &str = "target/bench-peers";

/// Programs that read an access log in combined format, each by its name; an error for one that is not
/// here. `part` is a short one for those who take long.
pub(crate) fn log_readers(log: &Path, part: &Path) -> [(&'static str, Result<Command>); 4] {
    [
        ("wc -l", with(found("wc", &["--version"]), &["-l"], log)),
        ("GoAccess", goaccess(part)),
        ("DuckDB", duckdb(log)),
        ("angle-grinder", angle_grinder(log)),
    ]
}

/// libCacheSim that replays so many requests, least recently used objects first out; `trace` is a new file
/// for them.
///
/// The package's own generator is no reader for this: it is Python, makes each request in 2.5 µs of a
/// processor, and is what would be measured. A file is read by libCacheSim itself.
pub(crate) fn cache_simulator(trace: &Path, requests: u64) -> Result<Command> {
    let path = trace.display();
    let writing = format!(
        "import libcachesim as l, numpy\n\
         made = l.SyntheticReader(num_of_req={requests}, dist='zipf', alpha=1.0, num_objects=1000000, seed=1)\n\
         fields = [('time', '<u4'), ('id', '<u8'), ('size', '<u4'), ('next', '<i8')]\n\
         trace = numpy.zeros({requests}, dtype=fields)\n\
         trace['time'] = numpy.arange({requests}) // 1000\n\
         trace['id'] = made.obj_ids + 1\n\
         trace['size'] = 4000\n\
         trace['next'] = -1\n\
         trace.tofile('{path}')"
    );
    let ended = python("libcachesim")?.args(["-c", &writing]).stdin(Stdio::null()).status()?;
    anyhow::ensure!(ended.success(), "libCacheSim makes no trace");
    let replaying = format!(
        "import libcachesim as l\n\
         r = l.TraceReader('{path}', trace_type=l.TraceType.ORACLE_GENERAL_TRACE)\n\
         print(l.LRU(cache_size=400000000).process_trace(r))"
    );
    let mut command = python("libcachesim")?;
    command.args(["-c", &replaying]);
    Ok(command)
}

fn goaccess(log: &Path) -> Result<Command> {
    let arguments =
        ["--log-format=COMBINED", "--no-progress", "--no-global-config", "-o", "json", "-f"];
    with(found("goaccess", &["--version"]), &arguments, log)
}

fn duckdb(log: &Path) -> Result<Command> {
    let script = format!(
        "import duckdb\n\
         print(duckdb.sql(\"select column6, count(*), sum(try_cast(column7 as bigint)) from \
         read_csv('{}', delim=' ', quote='\\\"', header=false, all_varchar=true, ignore_errors=true) \
         group by 1\"))",
        log.display()
    );
    let mut command = python("duckdb")?;
    command.args(["-c", &script]);
    Ok(command)
}

fn angle_grinder(log: &Path) -> Result<Command> {
    let query = "* | parse \"* - - [*] \\\"* * *\\\" * *\" as ip, time, method, url, version, status, rest \
                 | count by status";
    let program = Path::new(FOLDER).join("bin/agrind");
    let mut command = found(program, &["--version"])?;
    command.arg(query).arg("--file").arg(log);
    Ok(command)
}

/// The Python of the folder, if it has this module.
fn python(module: &str) -> Result<Command> {
    let import = format!("import {module}");
    found(Path::new(FOLDER).join("python/bin/python"), &["-c", &import])
}

fn with(command: Result<Command>, arguments: &[&str], log: &Path) -> Result<Command> {
    let mut command = command?;
    command.args(arguments).arg(log);
    Ok(command)
}

/// A program that can be started, and ends well with these arguments.
fn found(program: impl Into<PathBuf>, trial: &[&str]) -> Result<Command> {
    let program = program.into();
    let mut command = Command::new(&program);
    let output = command.args(trial).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let ended = output.with_context(|| format!("no {}", program.display()))?;
    anyhow::ensure!(ended.success(), "{} does not run", program.display());
    Ok(Command::new(program))
}
