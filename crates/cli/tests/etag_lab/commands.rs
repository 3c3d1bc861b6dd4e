//! Every command of the built program: what it prints where, and with which code it ends.
//!
//! Layout and wording of tables are `report`'s to test; which mistake in a scenario earns which
//! message is tested in `harness`. Here is what a user at a shell relies on.

mod catalogues;
mod default_run;
mod help;
mod merging;
mod mistakes;
mod polling;
mod results;
mod saved_runs;
mod streams;
#[cfg(target_os = "linux")]
mod terminal;
mod variations;

use std::process::Output;

use crate::support::stderr;

/// Standard error without progress, which an arm makes known that takes long on a busy machine.
fn steady_stderr(output: &Output) -> String {
    let is_progress = |line: &&str| line.contains(" polls, 304 rate ");
    stderr(output).split_inclusive('\n').filter(|line| !is_progress(line)).collect()
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
