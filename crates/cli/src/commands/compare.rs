//! `etag-lab compare`: two saved runs side by side.

use std::path::PathBuf;

use report::Results;

use crate::args::{Common, Presentation};
use crate::commands::report::{load, show};
use crate::exit::{Ending, Failure};

const HELP: &str = "run both with the same settings, or see them side by side with --force";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A saved run
    #[arg(value_name = "A.json")]
    a: PathBuf,
    /// The run to compare with it
    #[arg(value_name = "B.json")]
    b: PathBuf,
    /// Compare even if the runs were configured differently
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    presentation: Presentation,
}

pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    let (a, b) = (load(&arguments.a)?, load(&arguments.b)?);
    let comparison = report::compare(&a, &b, arguments.force)
        .map_err(|unlike| Failure::Input(text::visible_lines(&format!("error: {unlike}"))))
        .map_err(|failure| failure.with_help(HELP))?;
    let results = Results::Comparison(&comparison);
    show(common, results, &arguments.presentation).map(|()| Ending::Done)
}
