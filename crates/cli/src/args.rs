//! Arguments that several commands share.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use report::catalogue::FORMATS;

use crate::exit::Failure;
use crate::output::{self, Color};

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Common {
    /// Use of colour
    #[arg(long, value_enum, default_value_t, global = true, value_name = "WHEN")]
    pub(crate) color: Color,
}

/// Destination and form of results.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Result")]
pub(crate) struct Presentation {
    /// Format of the result
    #[arg(long, default_value = "text", value_parser = formats())]
    pub(crate) format: &'static report::Entry,
    /// Write the result to FILE (`-`: standard output)
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Way out where a file cannot be written.
const WRITABLE: &str = "name a file in a folder that can be written";

/// Checks that a file can be created at `path`, by making one beside it that leaves no trace.
// Before the run: whoever waited a minute for a result must not lose it to a folder that is missing.
pub(crate) fn check_output(path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = output::file(path) else { return Ok(()) };
    // `file` alone has the empty path as its parent, which is the current folder.
    let folder = path.parent().filter(|at| !at.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // `page/` names a folder, whether or not there is one.
    let is_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let (problem, help) = if is_folder || path.is_dir() {
        ("it is a folder".to_owned(), "name a file in it")
    } else if !folder.is_dir() {
        (format!("there is no folder `{}`", folder.display()), "make the folder first")
    } else if path.exists() && !path.is_file() {
        // A pipe or a device is written to, and makes no file.
        return Ok(());
    } else {
        return harness::check_file(path)
            .map_err(|error| Failure::environment(error).with_help(WRITABLE));
    };
    let error = anyhow::anyhow!("cannot write `{}`: {problem}", path.display());
    Err(Failure::Environment(error).with_help(help))
}

/// An address to listen on, for clap.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let example = "give an address and a port, such as 127.0.0.1:9001 or [::1]:9001";
    text.parse().map_err(|_| example.to_owned())
}

/// A whole number in a range, as people type it, for clap.
pub(crate) fn whole<T: TryFrom<i128>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text::parse_count(text)
            .ok_or_else(|| format!("give a whole number, such as {}", text::NUMBER_FORMS))?;
        let is_within = u64::try_from(number).is_ok_and(|number| range.contains(&number));
        let number = T::try_from(number).ok().filter(|_| is_within);
        number.ok_or_else(|| {
            let [least, most] = [*range.start(), *range.end()].map(text::count);
            format!("give a whole number from {least} to {most}")
        })
    }
}

/// A duration such as `500ms`, not zero, for clap.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    scenario::parse_duration(text)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "give a number and a unit, such as 500ms, 2s or 1min".to_owned())
}

/// A share from 0 to 1, for clap.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    scenario::parse_share(text)
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "give a share from 0 to 1, such as 0.1 or 10%".to_owned())
}

fn formats() -> impl TypedValueParser<Value = &'static report::Entry> {
    choice(FORMATS.iter().map(|entry| (entry.name, entry.summary, entry)))
}

/// One of these names, for clap: each with its help and what it stands for.
// The library's own types have no names on a command line, and a mirror of each of them here would
// have to be converted back.
pub(crate) fn choice<T: Copy + Send + Sync + 'static>(
    choices: impl IntoIterator<Item = (&'static str, &'static str, T)>,
) -> impl TypedValueParser<Value = T> {
    let choices: Vec<_> = choices.into_iter().collect();
    let names = choices.iter().map(|(name, help, _)| PossibleValue::new(*name).help(*help));
    PossibleValuesParser::new(names.collect::<Vec<_>>()).map(move |chosen| {
        let known = choices.iter().find(|(name, ..)| *name == chosen);
        known.expect("clap checked the name").2
    })
}
