//! Every command of the built program: what it prints where, and with which code it ends.
//!
//! Layout and wording of tables are `report`'s to test; which mistake in a scenario earns which
//! message is tested in `harness`. Here is what a user at a shell relies on.

mod catalogues;
mod default_run;
mod mistakes;
mod polling;
mod results;
mod saved_runs;
mod streams;
#[cfg(target_os = "linux")]
mod terminal;
mod variations;

use std::process::Output;

/// Standard output as text.
fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("standard output is UTF-8")
}

/// Standard error as text.
fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("standard error is UTF-8")
}

/// Standard error without progress, which an arm makes known that takes long on a busy machine.
fn steady_stderr(output: &Output) -> String {
    let is_progress = |line: &&str| line.contains(" polls, 304 rate ");
    stderr(output).split_inclusive('\n').filter(|line| !is_progress(line)).collect()
}

/// The exit code, after a look at it with everything that was printed at hand.
#[track_caller]
fn assert_code(output: &Output, expected: i32) {
    assert_eq!(
        output.status.code(),
        Some(expected),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Version, latencies and the gaps between columns, which depend on them, by placeholders.
fn steady(text: &str) -> String {
    let text = text.replace(concat!("etag-lab ", env!("CARGO_PKG_VERSION")), "etag-lab [version]");
    let lines = text.lines().map(|line| {
        let words: Vec<_> =
            line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        match words.first() {
            Some(label) if label.starts_with("latency") || label.starts_with("p50 of") => {
                format!("{label}  [latency]")
            }
            _ => words.join("  "),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
