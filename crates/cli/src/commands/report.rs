//! `etag-lab report`: a saved run again, in any format.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use measure::record::RunRecord;
use report::Results;

use crate::args::{Common, Presentation};
use crate::exit::{Ending, Failure};
use crate::output;

const WHAT_TO_GIVE: &str = "give a file that `etag-lab run` saved, under results/runs/";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A saved run
    #[arg(value_name = "RUN.json")]
    run: PathBuf,
    #[command(flatten)]
    presentation: Presentation,
}

pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    let record = load(&arguments.run)?;
    show(common, Results::Run(&record), &arguments.presentation).map(|()| Ending::Done)
}

/// Reads a saved run.
pub(crate) fn load(path: &Path) -> Result<RunRecord, Failure> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))
        .map_err(|error| Failure::Environment(error).with_help(WHAT_TO_GIVE))?;
    report::load(&text).map_err(|error| {
        let path = text::visible(&path.display().to_string());
        // A parser's message quotes the file, which may come from anywhere.
        let error = text::visible_lines(&error.to_string());
        Failure::input(format!("{error}\n  --> {path}"), WHAT_TO_GIVE)
    })
}

/// Renders results and delivers them.
pub(crate) fn show(
    common: Common,
    results: Results<'_>,
    presentation: &Presentation,
) -> Result<(), Failure> {
    let output = presentation.output.as_deref();
    let style = output::style(common.color, output::file(output).is_some());
    let text = (presentation.format.render)(results, style).map_err(Failure::environment)?;
    output::deliver(&text, output)
}
