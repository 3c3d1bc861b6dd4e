//! The `etag-lab` command. Knows arguments, printing and exit codes; no HTTP.

mod access;
mod args;
mod clear_text;
mod commands;
mod exit;
mod flags;
mod help;
mod mistakes;
mod output;
mod progress;
mod secrets;
mod serving;
mod sharding;
mod signals;
mod trust;

use std::process::ExitCode;

use crate::exit::Failure;

fn main() -> ExitCode {
    match commands::parsed().and_then(commands::dispatch) {
        Ok(ending) => ExitCode::from(ending as u8),
        Err(failure) => {
            match &failure {
                // Its text is complete and neutral: it may be a snippet of several lines.
                Failure::Input(text) => output::note(text.trim_end()),
                Failure::Environment(_) => {
                    output::note(&text::visible_lines(&format!("error: {failure}")));
                }
                Failure::OutputClosed => {}
            }
            ExitCode::from(failure.code())
        }
    }
}
