//! `etag-lab compare`: two saved runs side by side.

use std::path::PathBuf;

use report::Results;

use crate::args::{Common, Presentation};
use crate::commands::report::{Latest, load, show};
use crate::exit::{Ending, Failure};

const HELP: &str = "run both with the same settings, or see them side by side with --force";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A saved run; with --last it may be left out, and is the one before the newest
    #[arg(value_name = "A.json", required_unless_present = "last")]
    a: Option<PathBuf>,
    /// The run to compare with it; the newest with --last
    #[arg(value_name = "B.json", required_unless_present = "last", conflicts_with = "last")]
    b: Option<PathBuf>,
    #[command(flatten)]
    latest: Latest,
    /// Compare even if the runs were configured differently
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    presentation: Presentation,
}

pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    let named = |path: &Option<PathBuf>, older| match path {
        Some(path) => load(path),
        None => load(&arguments.latest.newest(older)?),
    };
    let (a, b) = (named(&arguments.a, 1)?, named(&arguments.b, 0)?);
    let comparison = report::compare(&a, &b, arguments.force)
        .map_err(|unlike| Failure::Input(text::visible_lines(&format!("error: {unlike}"))))
        .map_err(|failure| failure.with_help(HELP))?;
    let results = Results::Comparison(&comparison);
    show(common, results, &arguments.presentation).map(|()| Ending::Done)
}
