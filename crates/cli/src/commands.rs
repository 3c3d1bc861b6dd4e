//! The command line: one short file per command, with its arguments, a library call and output.

pub(crate) mod balancer;
pub(crate) mod check;
pub(crate) mod coalesce;
pub(crate) mod compare;
mod completions;
pub(crate) mod explain;
mod finish;
pub(crate) mod learn;
pub(crate) mod list;
pub(crate) mod live;
pub(crate) mod logs;
pub(crate) mod man;
#[cfg(test)]
mod manifests;
pub(crate) mod merge;
pub(crate) mod model;
pub(crate) mod mystery;
mod node;
pub(crate) mod poll;
pub(crate) mod replica;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod show;
pub(crate) mod source;
pub(crate) mod wire;

use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::args::Common;
use crate::exit::{EXIT_CODES, Ending, Failure};
use crate::{help, mistakes, output, secrets};

/// Reproduces, measures and explains what a fleet's entity tags do to its 304 rate.
#[derive(Debug, Parser)]
#[command(name = "etag-lab", version, max_term_width = 80, after_help = after_help())]
#[command(help_template = "{about}\n{usage-heading} {usage}\n\n{all-args}{after-help}")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Parses the command line, or fails with what to type instead.
pub(crate) fn parsed() -> Result<Arguments, Failure> {
    let program = help::tuned(Arguments::command());
    let matches = program.clone().try_get_matches();
    matches.and_then(|matches| Arguments::from_arg_matches(&matches)).map_err(|error| {
        // Help and versions go to where they were asked for, with the code that belongs to them.
        let error = secrets::masked_complaint(error);
        mistakes::refused(&error, &program).unwrap_or_else(|| error.exit())
    })
}

/// The command line without what is only for the lab's own use.
fn documented() -> clap::Command {
    let whole = help::tuned(Arguments::command());
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
    format!("Exit codes:\n{}Start with `etag-lab run`.", codes.collect::<String>())
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a scenario: replicas, balancer, polling clients, one table
    Run(run::Arguments),
    /// Model a run in virtual time: any length, any fleet, one table
    Model(model::Arguments),
    /// Show a fleet live, on a page with switches: for a room
    Live(live::Arguments),
    /// Learn by exercises: mend what is broken, and see it proved
    Learn(learn::Arguments),
    /// Find a hidden fault in a fleet that runs, and repair it
    Mystery(mystery::Arguments),
    /// Poll a server that runs already, and measure the same
    Poll(poll::Arguments),
    /// Check a running deployment: does its revalidation work
    Check(check::Arguments),
    /// Judge access logs: where the 304s went, and since when
    Logs(logs::Arguments),
    /// Explain anything printed: a finding, a strategy, a row, a word
    Explain(explain::Arguments),
    /// Print the file of a built-in scenario, or a template for your own
    Show(show::Arguments),
    /// Show what went over the wire, one exchange per replica
    Wire(wire::Arguments),
    /// Serve one replica by hand, until Ctrl-C
    Replica(replica::Arguments),
    /// Serve a balancer by hand, until Ctrl-C
    Balancer(balancer::Arguments),
    /// Serve the control-plane proxy: one poll, 304s for the fleet
    Coalesce(coalesce::Arguments),
    /// Imitate the list of the Kubernetes API by hand, until Ctrl-C
    Source(source::Arguments),
    /// List strategies, policies, edges, stores, formats, scenarios, …
    List(list::Arguments),
    /// Render a saved run again, in any format
    Report(report::Arguments),
    /// Compare two saved runs side by side
    Compare(compare::Arguments),
    /// Add up what the shards of one schedule measured
    Merge(merge::Arguments),
    /// Print the JSON Schema of scenario files, for editors
    Schema,
    /// Print completions for a shell
    Completions {
        /// Shell that runs them
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Serve with the arguments in the first line of standard input; for the lab's own use
    #[command(hide = true)]
    Node,
    /// Run a shell command until it or standard input ends, then kill all its processes
    #[command(hide = true)]
    Guard {
        /// For `sh -c`
        command: String,
    },
}

/// Time for files that are being read or written when a command has ended.
const LAST_FILES: Duration = Duration::from_secs(2);

pub(crate) fn dispatch(arguments: Arguments) -> Result<Ending, Failure> {
    let Arguments { common, command } = arguments;
    if matches!(
        command,
        Command::Replica(_) | Command::Balancer(_) | Command::Coalesce(_) | Command::Source(_)
    ) {
        log_to_stderr(common);
    }
    match command {
        Command::Run(arguments) => block_on(run::run(common, arguments)),
        Command::Live(arguments) => block_on(live::run(common, arguments)),
        Command::Learn(arguments) => block_on(learn::run(common, arguments)),
        Command::Mystery(arguments) => block_on(mystery::run(common, arguments)),
        Command::Node => dispatch(node::arguments()?),
        Command::Model(arguments) => model::run(common, &arguments),
        Command::Poll(arguments) => block_on(poll::run(common, arguments)),
        Command::Check(arguments) => block_on(check::run(common, arguments)),
        Command::Logs(arguments) => block_on(logs::run(common, arguments)),
        Command::Explain(arguments) => explain::run(common, &arguments),
        Command::Show(arguments) => show::run(&arguments),
        Command::Wire(arguments) => block_on(wire::run(common, arguments)),
        Command::Replica(arguments) => block_on(replica::run(arguments)),
        Command::Balancer(arguments) => block_on(balancer::run(arguments)),
        Command::Coalesce(arguments) => block_on(coalesce::run(arguments)),
        Command::Source(arguments) => block_on(source::run(arguments)),
        Command::List(arguments) => list::run(common, &arguments),
        Command::Report(arguments) => report::run(common, &arguments),
        Command::Compare(arguments) => compare::run(common, &arguments),
        Command::Merge(arguments) => merge::run(common, &arguments),
        Command::Schema => {
            let schema = scenario::schema();
            output::print(&format!("{schema:#}\n")).map(|()| Ending::Done)
        }
        Command::Completions { shell } => {
            output::print(&completions::of(documented(), shell)).map(|()| Ending::Done)
        }
        Command::Man => man::run(documented()),
        Command::Guard { command } => block_on(async {
            let code = harness::guard(&command).await.map_err(Failure::environment)?;
            std::process::exit(code.into());
        }),
    }
}

// Every command that serves or polls runs on one thread: the lab measures, and a work-stealing
// runtime would move the work about while it does.
fn block_on(work: impl Future<Output = Result<Ending, Failure>>) -> Result<Ending, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Longer turns of the event loop: fewer system calls under load.
        .event_interval(256)
        .build()
        .map_err(Failure::environment)?;
    let ending = runtime.block_on(work);
    // What still waits for a disk that hangs must not keep the program from ending.
    runtime.shutdown_timeout(LAST_FILES);
    ending
}

fn log_to_stderr(common: Common) {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(common.color.on_stderr())
        .with_target(false)
        .init();
}
