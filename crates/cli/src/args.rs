//! Arguments that several commands share.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::exit::Failure;
use crate::output::Color;

/// Options of every command.
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
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: FormatName,
    /// Write the result to FILE (`-`: standard output)
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

impl Presentation {
    /// Finds out before a long run whether its result will have a place.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.output.as_deref().map_or(Ok(()), check_output)
    }
}

/// Checks that a file can be created at `path`, as far as that can be known beforehand.
pub(crate) fn check_output(path: &Path) -> Result<(), Failure> {
    // `file` alone has the empty path as its parent, which is the current folder.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let (problem, help) = if path.is_dir() {
        ("it is a folder".to_owned(), "name a file in it")
    } else if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        (format!("there is no folder `{}`", folder.display()), "make the folder first")
    } else {
        return Ok(());
    };
    let error = anyhow::anyhow!("cannot write `{}`: {problem}", path.display());
    Err(Failure::Environment(error).with_help(help))
}

/// An address to listen on, for clap.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let example = "give an address and a port, such as 127.0.0.1:9001 or [::1]:9001";
    text.parse().map_err(|_| example.to_owned())
}

/// A duration such as `500ms`, not zero, for clap.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    scenario::parse_duration(text)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "not a duration such as 500ms, 2s or 1min".to_owned())
}

/// A share from 0 to 1, for clap.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "not a number from 0 to 1".to_owned())
}

/// A name in the catalogue of formats.
#[derive(Clone, Copy)]
pub(crate) struct FormatName(pub(crate) &'static ::report::Entry);

impl ValueEnum for FormatName {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: std::sync::LazyLock<Vec<FormatName>> = std::sync::LazyLock::new(|| {
            ::report::catalogue::FORMATS.iter().map(FormatName).collect()
        });
        &ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.0.name).help(self.0.summary))
    }
}

impl std::fmt::Debug for FormatName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}
