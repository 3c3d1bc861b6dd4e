//! Measures etag-lab beside the programs one would otherwise use, on one machine, in one run.
//!
//! ```text
//! args ─► Bench ─► rows (A B A B …) ─► record ─► bench.json, bench.md, standard output
//!                   └ peers: nginx, HAProxy, wrk, h2load, etag-lab, each a process of its own
//! ```
//!
//! A missed target is a result and not an error: the exit code is 0 whenever all was measured,
//! 3 when a row could not be, 130 when interrupted (then nothing is written).

mod accounting;
mod args;
mod bench;
mod exchange;
mod machine;
mod measured;
mod peers;
mod process;
mod record;
mod relay;
mod rows;
mod run;
mod spread;
mod stop;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    match run::run(&arguments) {
        Ok((record, markdown)) => {
            // Nobody can be told if this fails, and the files are written.
            let _ = std::io::stdout().lock().write_all(markdown.as_bytes());
            ExitCode::from(if record.not_measured.is_empty() { 0 } else { 3 })
        }
        Err(error) => {
            progress(&format!("error: {error:#}"));
            ExitCode::from(if error.is::<stop::Interrupted>() { 130 } else { 3 })
        }
    }
}

/// Tells on standard error how far the benchmark is.
fn progress(line: &str) {
    // Nobody can be told if this fails.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
