//! `etag-lab completions`, made from the same description as `--help`.

use clap_complete::Shell;

use crate::exit::{Ending, Failure};
use crate::output;

/// Arguments of `etag-lab completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Shell that runs them
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions.
pub(crate) fn run(arguments: &Arguments, program: &mut clap::Command) -> Result<Ending, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, program, "etag-lab", &mut text);
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(Ending::Done)
}
