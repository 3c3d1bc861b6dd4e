//! The command line: what may be said, and what it means in help texts.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::commands::{
    balancer, check, coalesce, compare, completions, explain, list, poll, replica, report, run,
    source, wire,
};
use crate::exit::{EXIT_CODES, Failure};
use crate::output::Color;

/// Reproduces, measures and explains what a fleet's entity tags do to its 304 rate.
#[derive(Debug, Parser)]
#[command(name = "etag-lab", version, max_term_width = 80, after_help = after_help())]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The command line without what is only for the lab's own use.
pub(crate) fn documented() -> clap::Command {
    let whole = Arguments::command();
    let visible = whole.get_subcommands().filter(|command| !command.is_hide_set());
    clap::Command::new("etag-lab")
        .version(env!("CARGO_PKG_VERSION"))
        .about(whole.get_about().cloned().unwrap_or_default())
        .args(whole.get_arguments())
        .subcommands(visible)
        .subcommand_required(true)
        .subcommand_value_name("COMMAND")
        .disable_help_subcommand(true)
}

fn after_help() -> String {
    let codes = EXIT_CODES.iter().map(|(code, meaning)| format!("  {code:<3}  {meaning}\n"));
    format!("Exit codes:\n{}\nStart with `etag-lab run`.", codes.collect::<String>())
}

/// Options of every command.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Common {
    /// When to use colour
    #[arg(long, value_enum, default_value_t, global = true, value_name = "WHEN")]
    pub(crate) color: Color,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a scenario: replicas, balancer, polling clients, one table
    Run(run::Arguments),
    /// Poll a server that runs already, and measure the same
    Poll(poll::Arguments),
    /// Check a running deployment: is its revalidation healthy, and if not, why
    Check(check::Arguments),
    /// Explain a finding of `check`: the experiment behind it, its limits, causes and fixes
    Explain(explain::Arguments),
    /// Show what went over the wire, one exchange per replica
    Wire(wire::Arguments),
    /// Serve one replica by hand, until SIGINT or SIGTERM
    Replica(replica::Arguments),
    /// Serve a balancer by hand, until SIGINT or SIGTERM
    Balancer(balancer::Arguments),
    /// Serve the control-plane proxy: one poll of the source, cheap 304s for the fleet
    Coalesce(coalesce::Arguments),
    /// Serve a stand-in for the Kubernetes API by hand, until SIGINT or SIGTERM
    Source(source::Arguments),
    /// List strategies, policies, edges, stores, formats and scenarios
    List(list::Arguments),
    /// Render a saved run again, in any format
    Report(report::Arguments),
    /// Put two saved runs side by side
    Compare(compare::Arguments),
    /// Print the JSON Schema of scenario files, for completion in editors
    Schema,
    /// Print completions for a shell
    Completions(completions::Arguments),
    /// Print the manual page
    Man,
    /// Run a shell command until it or standard input ends, then kill all its processes
    #[command(hide = true)]
    Guard {
        /// For `sh -c`
        command: String,
    },
}

/// Destination and form of results.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Result")]
pub(crate) struct Presentation {
    /// How to show the result
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: FormatName,
    /// Write the result to a file instead of standard output, which is -
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
