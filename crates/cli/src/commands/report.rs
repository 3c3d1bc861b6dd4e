//! `etag-lab report`: a saved run again, in any format.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;
use clap::builder::TypedValueParser;
use measure::record::RunRecord;
use report::Results;

use crate::args::{Common, Presentation, check_output, choice};
use crate::exit::{Ending, Failure};
use crate::output;

const NO_RUNS: &str =
    "`etag-lab run --results DIR` saves one; it does so by itself where a folder `results` is";

/// Most bytes of a saved run: one of the largest scenarios has some 200 KiB.
pub(crate) const LARGEST: u64 = 64 << 20;

const WHAT_TO_GIVE: &str = "give a file that `etag-lab run` saved, under results/runs/";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A saved run
    #[arg(value_name = "RUN.json", required_unless_present = "last", conflicts_with = "last")]
    run: Option<PathBuf>,
    #[command(flatten)]
    latest: Latest,
    /// One chart alone, as an SVG picture
    #[arg(long, value_name = "NAME", value_parser = charts(), conflicts_with = "format")]
    #[arg(help_heading = "Result")]
    chart: Option<&'static str>,
    #[command(flatten)]
    presentation: Presentation,
}

/// The newest runs in place of named ones.
#[derive(Debug, clap::Args)]
pub(crate) struct Latest {
    /// The newest run that was saved
    #[arg(long)]
    pub(crate) last: bool,
    /// Folder in which `--last` looks: its subfolder `runs`
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: PathBuf,
}

fn charts() -> impl TypedValueParser<Value = &'static str> {
    choice(report::chart_names().into_iter().map(|(name, summary)| (name, summary, name)))
}

pub(crate) fn run(common: Common, arguments: &Arguments) -> Result<Ending, Failure> {
    let presentation = &arguments.presentation;
    check_output(presentation.output.as_deref())?;
    let path = match &arguments.run {
        Some(path) => path.clone(),
        None => arguments.latest.newest(0)?,
    };
    let record = load(&path)?;
    let results = Results::Run(&record);
    match arguments.chart {
        Some(name) => draw(results, name, presentation),
        None => show(common, results, presentation),
    }
    .map(|()| Ending::Done)
}

fn draw(results: Results<'_>, name: &str, presentation: &Presentation) -> Result<(), Failure> {
    let Some(picture) = report::chart(results, name) else {
        let drawn: Vec<_> = report::chart_names().into_iter().map(|(name, _)| name).collect();
        let drawn: Vec<_> =
            drawn.into_iter().filter(|name| report::chart(results, name).is_some()).collect();
        let help = format!("charts of this run: {}", text::listed(&drawn));
        return Err(Failure::input(format!("this run has no chart `{name}`"), help));
    };
    output::deliver(&picture, presentation.output.as_deref())
}

impl Latest {
    /// File of the newest saved run, or of the one that is so many runs older.
    pub(crate) fn newest(&self, older: usize) -> Result<PathBuf, Failure> {
        let folder = self.results.join("runs");
        let mut runs = saved_runs(&folder)
            .with_context(|| format!("cannot read `{}`", folder.display()))
            .map_err(|error| Failure::Environment(error).with_help(NO_RUNS))?;
        runs.sort();
        let place = runs.len().checked_sub(older + 1);
        let Some((.., path)) = place.map(|place| runs.swap_remove(place)) else {
            let saved = text::counted(runs.len() as u64, "saved run");
            let error = anyhow::anyhow!("there is {saved} in `{}`", folder.display());
            return Err(Failure::Environment(error).with_help(NO_RUNS));
        };
        output::note(&text::visible(&format!("{}", path.display())));
        Ok(path)
    }
}

/// Files of saved runs with what orders them: the second in their names, then when they were written.
fn saved_runs(folder: &Path) -> std::io::Result<Vec<(String, SystemTime, PathBuf)>> {
    let mut runs = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let second = name.chars().take("2026-11-21T03-05-16Z".len()).collect();
            runs.push((second, path.metadata()?.modified()?, path));
        }
    }
    Ok(runs)
}

/// Reads a saved run.
pub(crate) fn load(path: &Path) -> Result<RunRecord, Failure> {
    let text = read(path)
        .with_context(|| format!("cannot read `{}`", path.display()))
        .map_err(|error| Failure::Environment(error).with_help(WHAT_TO_GIVE))?;
    report::load(&text).map_err(|error| {
        let path = text::visible(&path.display().to_string());
        // A parser's message quotes the file, which may come from anywhere.
        let error = text::visible_lines(&error.to_string());
        Failure::input(format!("{error}\n  --> {path}"), WHAT_TO_GIVE)
    })
}

/// Reads to the end, from a pipe too, but no more than a saved run can have.
fn read(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LARGEST + 1).read_to_string(&mut text)?;
    anyhow::ensure!(text.len() as u64 <= LARGEST, "it is longer than 64 MiB");
    Ok(text)
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
