//! The `etag-lab` command. Knows arguments, printing and exit codes; no HTTP.

mod args;
mod commands;
mod control;
mod exit;
mod flags;
mod listening;
mod output;
mod progress;
mod signals;

use clap::Parser as _;

fn main() -> std::process::ExitCode {
    let arguments = args::Arguments::parse();
    exit::report(commands::dispatch(arguments))
}
