//! One short file per command: arguments, a library call, output.

pub(crate) mod balancer;
pub(crate) mod check;
pub(crate) mod coalesce;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod explain;
mod finish;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod poll;
pub(crate) mod replica;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod source;
pub(crate) mod wire;

use crate::args::{Arguments, Command, Common};
use crate::exit::{Ending, Failure};
use crate::output;

/// Runs what the command line asks for.
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
        Command::Poll(arguments) => block_on(poll::run(common, arguments)),
        Command::Check(arguments) => block_on(check::run(common, arguments)),
        Command::Explain(arguments) => explain::run(common, &arguments),
        Command::Wire(arguments) => block_on(wire::run(common, arguments)),
        Command::Replica(arguments) => block_on(replica::run(arguments)),
        Command::Balancer(arguments) => block_on(balancer::run(arguments)),
        Command::Coalesce(arguments) => block_on(coalesce::run(arguments)),
        Command::Source(arguments) => block_on(source::run(arguments)),
        Command::List(arguments) => list::run(common, &arguments),
        Command::Report(arguments) => report::run(common, &arguments),
        Command::Compare(arguments) => compare::run(common, &arguments),
        Command::Schema => {
            let schema = scenario::schema();
            output::print(&format!("{schema:#}\n")).map(|()| Ending::Done)
        }
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man => man::run(),
        Command::Guard { command } => block_on(async {
            let code = harness::guard(&command).await.map_err(Failure::environment)?;
            std::process::exit(code.into());
        }),
    }
}

/// Every command that serves or polls runs on one thread: the lab measures, and a work-stealing
/// runtime would move the work about while it does.
fn block_on(work: impl Future<Output = Result<Ending, Failure>>) -> Result<Ending, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Longer turns of the event loop: fewer system calls under load.
        .event_interval(256)
        .build()
        .map_err(Failure::environment)?
        .block_on(work)
}

fn log_to_stderr(common: Common) {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(common.color.on_stderr())
        .with_target(false)
        .init();
}
