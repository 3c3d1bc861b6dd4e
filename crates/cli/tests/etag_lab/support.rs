//! Room that the whole-program tests share: starting the built binary, peers that may be missing, and
//! waiting for an event with a deadline.
//! Knows no scenario and asserts nothing about the lab: what must hold is said in the tests.

pub(crate) mod certificates;
pub(crate) mod chromium;
pub(crate) mod devtools;
pub(crate) mod etcd;
pub(crate) mod fetched;
pub(crate) mod har;
pub(crate) mod http;
pub(crate) mod lanes;
pub(crate) mod peers;
pub(crate) mod process;
pub(crate) mod redis;
pub(crate) mod served;
pub(crate) mod terminal;

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// The result of a test that fails with the first error it meets.
pub(crate) type Tested = Result<(), Box<dyn std::error::Error>>;

thread_local! {
    // Every test has a thread of its own, so the directory goes when the test is over.
    static HOME: TempDir = tempfile::tempdir().expect("a temporary directory can be made");
    // What a killed program leaves in its temporary files goes with it.
    static SCRATCH: TempDir = tempfile::tempdir().expect("a temporary directory can be made");
}

/// The working directory of every `etag_lab()` of this test: empty at first, gone after it.
pub(crate) fn home() -> PathBuf {
    HOME.with(|home| home.path().to_path_buf())
}

/// The folder in which runs of this test are saved, since it is there.
pub(crate) fn results() -> PathBuf {
    let results = home().join("results");
    std::fs::create_dir_all(&results).expect("a folder can be made");
    results
}

/// Folder in which the programs of this test put their temporary files.
pub(crate) fn scratch() -> PathBuf {
    SCRATCH.with(|scratch| scratch.path().to_path_buf())
}

/// The root of the workspace, where `scenarios/` is.
pub(crate) fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The built program in an empty directory, without colour, terminal or standard input.
pub(crate) fn etag_lab() -> Command {
    at_home(env!("CARGO_BIN_EXE_etag-lab"))
}

/// Another program under the same conditions, to start the built one.
pub(crate) fn at_home(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(home())
        .stdin(Stdio::null())
        .env("TMPDIR", scratch())
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("RUST_LOG");
    command
}

/// Runs the program to its end.
pub(crate) fn output_of(args: &[&str]) -> Output {
    etag_lab().args(args).output().expect("etag-lab starts")
}

/// Runs the program to its end, which has this exit code.
#[track_caller]
pub(crate) fn ended(args: &[&str], code: i32) -> Output {
    let output = output_of(args);
    assert_code(&output, code);
    output
}

/// The exit code, after a look at it with everything that was printed at hand.
#[track_caller]
pub(crate) fn assert_code(output: &Output, expected: i32) {
    let printed = [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream));
    assert_eq!(output.status.code(), Some(expected), "{}", printed.join("\n"));
}

/// Standard output as text.
pub(crate) fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("standard output is UTF-8")
}

/// Standard error as text.
pub(crate) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("standard error is UTF-8")
}

/// Runs `args` with `--format json`, which must succeed, and returns what it printed.
#[track_caller]
pub(crate) fn run_json(args: &[&str]) -> Value {
    json_of(&ended(&[args, &["--format", "json"]].concat(), 0))
}

/// The record of `etag-lab poll` with `args`, good or bad as what was polled may be.
#[track_caller]
pub(crate) fn poll_json(args: &[&str]) -> Value {
    let output = output_of(&[&["poll", "--no-save", "--format", "json"], args].concat());
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1)), "{code:?}: {}", stderr(&output));
    json_of(&output)
}

/// The standard output of a run as JSON.
pub(crate) fn json_of(output: &Output) -> Value {
    serde_json::from_str(stdout(output)).unwrap_or_else(|problem| {
        panic!("no JSON ({problem}):\n{}{}", stdout(output), stderr(output))
    })
}

/// The program `peer` on this machine. Missing: a failure under `CI=true`, else the test's name goes
/// into the file that `ETAG_LAB_SKIPPED` names, and the test is to return.
pub(crate) fn require(peer: &str) -> Option<PathBuf> {
    require_any(&[peer])
}

/// The same for a peer that has several names; the first of them is what is missed.
pub(crate) fn require_any(names: &[&str]) -> Option<PathBuf> {
    let found = names.iter().find_map(|name| program(name));
    if found.is_none() {
        skip(names[0]);
    }
    found
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|directory| directory.join(name))
        .find(|program| program.is_file())
}

/// Says that this test is left out for want of `peer`, and fails it under `CI=true`.
pub(crate) fn skip(peer: &str) {
    let line = left_out(peer);
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "{line}, and CI=true tolerates no skipped test"
    );
}

/// Says that a part of this test is left out for want of `peer`, which the rest of it stands in for.
#[expect(clippy::print_stderr, reason = "whoever runs the tests is to know")]
pub(crate) fn left_out(peer: &str) -> String {
    let thread = std::thread::current();
    let line = format!("{}: {peer} not found", thread.name().unwrap_or("a test"));
    eprintln!("skipped {line}");
    if let Some(list) = std::env::var_os("ETAG_LAB_SKIPPED") {
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(list)
            .and_then(|mut list| writeln!(list, "{line}"))
            .expect("the file named by ETAG_LAB_SKIPPED can be written");
    }
    line
}

/// Waits until `condition` gives something, and fails the test when it does not within `patience`.
///
/// For events that only the outside shows: a process gone from `/proc`, a file written.
pub(crate) fn eventually<T>(
    what: &str,
    patience: Duration,
    mut condition: impl FnMut() -> Option<T>,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {patience:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
