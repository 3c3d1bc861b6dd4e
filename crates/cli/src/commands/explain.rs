//! `etag-lab explain`: what a finding of `check` says, and how it is found.

use probe::findings::catalogue::{FINDINGS, find};

use crate::args::Common;
use crate::exit::{Ending, Failure};
use crate::output;

/// What `etag-lab explain` accepts.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Code or name, such as ETL001 or node-local-tag; all of them when left out
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// Prints one explanation, or the list of all findings.
pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    let style = output::style(common.color, false);
    let text = match &arguments.code {
        None => FINDINGS.iter().flat_map(|entry| [entry.code, "  ", entry.name, "\n"]).collect(),
        Some(code) => {
            let unknown = || {
                let code = harness::scenario::shown(code);
                let names: Vec<_> = FINDINGS.iter().map(|entry| entry.name).collect();
                Failure::input(
                    format!("there is no finding `{code}`"),
                    format!("one of {}", names.join(", ")),
                )
            };
            probe::speak::explain(find(code).ok_or_else(unknown)?, style)
        }
    };
    output::print(&text)?;
    Ok(Ending::Done)
}
