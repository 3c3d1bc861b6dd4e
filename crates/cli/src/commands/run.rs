//! `etag-lab run`: a scenario from file and flags to a table.

use std::ffi::OsString;

use client::Capture;
use harness::{Disclosure, Finished, LocalShards, Settings, Shard, UndividedError};
use scenario::{Diagnostic, Scenario, TagStore};
use text::secret::masked_arguments;
use text::shell;
use tokio::sync::watch;

use crate::args::{Common, Presentation, check_output, whole};
use crate::clear_text;
use crate::commands::finish::{Keeping, finish};
use crate::exit::{Ending, Failure};
use crate::flags::ScenarioFlags;
use crate::output;
use crate::progress;
use crate::serving;
use crate::sharding::shard;
use crate::signals::stop_signal;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without a scenario, `all-200s` runs: per-process counters before, content hashes after.
Flags win over the scenario file. Durations are written like 500ms, 2s or 1min, numbers also like
8k (8,000) or 8Ki (8,192).")]
pub(crate) struct Arguments {
    /// A scenario file, or the name of a built-in scenario
    scenario: Option<String>,
    #[command(flatten)]
    flags: ScenarioFlags,
    /// Make the polls in so many processes, for more load than one core makes; not in lock-step
    #[arg(long, value_name = "N", value_parser = whole::<u32>(1..=MOST_LOCAL_SHARDS))]
    #[arg(help_heading = "Run", hide_short_help = true)]
    local_shards: Option<u32>,
    /// Be one of them; for the lab's own use
    #[arg(long, value_name = "I/N", value_parser = shard, hide = true)]
    local_shard: Option<Shard>,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    presentation: Presentation,
}

/// Most processes of one run: more than a machine has cores.
const MOST_LOCAL_SHARDS: u64 = 256;

pub(crate) async fn run(common: Common, arguments: Arguments) -> Result<Ending, Failure> {
    if let Some(shard) = arguments.local_shard {
        return part(common, &arguments, shard).await;
    }
    check_output(arguments.presentation.output.as_deref())?;
    arguments.keeping.check()?;
    let scenario = load(common, arguments.scenario.as_deref(), &arguments.flags)?;
    let finished = match arguments.local_shards {
        None => measure(&scenario, None).await?,
        Some(total) => divided(&scenario, total).await?,
    };
    let Arguments { keeping, presentation, .. } = &arguments;
    if finished.record.arms.is_empty() {
        return Ok(Ending::Interrupted);
    }
    note_set_aside(&scenario, &finished);
    let (judged, logs) = (scenario.judged_arms(), &finished.logs);
    let ending = finish(common, &finished.record, &judged, logs, keeping, presentation)?;
    finished.failure.map_or(Ok(ending), |failure| Err(Failure::environment(failure)))
}

/// Runs a scenario.
pub(crate) async fn measure(
    scenario: &Scenario,
    capture: Option<Capture>,
) -> Result<Finished, Failure> {
    // A run holds 16 KiB of state, which every caller's future would hold as well.
    let work = async |settings: &Settings| Box::pin(harness::run(scenario, settings)).await;
    with_progress(capture, work).await?.map_err(Failure::environment)
}

/// The words of this command up to its name, and those behind it.
fn own_words() -> [Vec<OsString>; 2] {
    // The very same words make the very same scenario. What makes it a part comes directly behind the
    // command: behind a `--` it would be no flag.
    let mut command: Vec<_> = std::env::args_os().skip(1).collect();
    let flags = command.iter().position(|word| word == "run").map_or(command.len(), |at| at + 1);
    let flags = command.split_off(flags);
    [command, flags]
}

/// Runs a scenario whose polls are made by so many processes.
async fn divided(scenario: &Scenario, total: u32) -> Result<Finished, Failure> {
    harness::check_divisible(scenario).map_err(|error| {
        let help = match error {
            UndividedError::Schedule(..) => "give --cadence shuffled or --cadence open-loop",
            UndividedError::Program(_) => "leave --local-shards out",
        };
        Failure::input(text::visible(&error.to_string()), help)
    })?;
    let local_shards = LocalShards { total, arguments: own_words() };
    let work = async |settings: &Settings| {
        let settings =
            Settings { local_shards: Some(local_shards.clone()), ..Settings::clone(settings) };
        Box::pin(harness::run(scenario, &settings)).await
    };
    with_progress(None, work).await?.map_err(Failure::environment)
}

/// Makes one part of the polls of another process's run.
async fn part(common: Common, arguments: &Arguments, shard: Shard) -> Result<Ending, Failure> {
    let scenario = load(common, arguments.scenario.as_deref(), &arguments.flags)?;
    let orders = tokio::io::BufReader::new(tokio::io::stdin());
    let served = harness::serve_part(&scenario, shard, orders, tokio::io::stdout()).await;
    served.map_err(Failure::environment)?;
    serving::end()
}

/// Notes how many expectations of a built-in scenario do not hold under the flags.
pub(crate) fn note_set_aside(scenario: &Scenario, finished: &Finished) {
    let record = &finished.record;
    let all = scenario.set_aside.len();
    let unmet = scenario.set_aside.iter().filter(|it| !it.evaluate(record).passed).count();
    if unmet > 0 && !record.partial {
        let what = "expectations that do not hold with these flags, and do not count";
        output::note(&format!("note: {what}: {unmet} of {all}"));
    }
}

/// Works until it is done or somebody stops it, with its progress on standard error.
pub(crate) async fn with_progress<T>(
    capture: Option<Capture>,
    work: impl AsyncFnOnce(&Settings) -> T,
) -> Result<T, Failure> {
    let (sender, receiver) = watch::channel(None);
    let settings = Settings {
        program: std::env::current_exe().map_err(Failure::environment)?,
        command: command_line(),
        stop: stop_signal()?,
        progress: sender,
        capture,
        local_shards: None,
        disclosure: Disclosure::Open,
    };
    let shown = tokio::spawn(progress::show(receiver));
    let result = work(&settings).await;
    shown.abort();
    progress::clear();
    Ok(result)
}

/// The scenario of this name or file under the flags; its warnings go to standard error.
pub(crate) fn load(
    common: Common,
    scenario: Option<&str>,
    flags: &ScenarioFlags,
) -> Result<Scenario, Failure> {
    let scenario = Scenario::load(scenario, &flags.0).map_err(|error| refused(common, &error))?;
    noted(common, &scenario);
    Ok(scenario)
}

/// Writes the warnings about a scenario to standard error.
pub(crate) fn noted(common: Common, scenario: &Scenario) {
    let color = common.color.on_stderr();
    let sharing = &scenario.shared.sharing;
    if let TagStore::Redis(url) = &sharing.store {
        clear_text::warn_of_store(url, sharing.password_file.is_some());
    }
    for warning in scenario.warnings() {
        output::note(warning.render(color).trim_end());
    }
}

/// The failure for a description that cannot run.
pub(crate) fn refused(common: Common, error: &Diagnostic) -> Failure {
    Failure::Input(error.render(common.color.on_stderr()))
}

/// Our own command line as it would be typed into a shell to measure the same again: without
/// what concerns only where the result goes and how it looks, and with credentials masked, which
/// are for nobody who reads a saved run.
pub(crate) fn command_line() -> String {
    let arguments = std::env::args_os().skip(1);
    reproducing(arguments.map(|argument| argument.to_string_lossy().into_owned()))
}

fn reproducing(arguments: impl Iterator<Item = String>) -> String {
    const WITH_VALUE: [&str; 5] = ["-o", "--output", "--format", "--results", "--color"];
    let mut line = "etag-lab".to_owned();
    let mut arguments = masked_arguments(arguments).into_iter();
    while let Some(argument) = arguments.next() {
        let flag = argument.split('=').next().unwrap_or_default();
        if WITH_VALUE.contains(&argument.as_str()) {
            arguments.next();
        } else if argument == "--no-save" || WITH_VALUE.contains(&flag) || flag.starts_with("-o") {
            // Its value is part of the argument.
        } else {
            line.extend([" ", &shell::word(&argument)]);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arguments: &[&str], expected: &str) {
        assert_eq!(reproducing(arguments.iter().map(|&argument| argument.to_owned())), expected);
    }

    #[test]
    fn the_reproducing_command_has_what_was_measured_and_not_where_it_went() {
        check(&["run", "--clients", "12"], "etag-lab run --clients 12");
        check(&["run", "-o", "/tmp/x", "--format=csv", "--no-save"], "etag-lab run");
        check(&["run", "-o/tmp/x", "--results", "r", "scale-out"], "etag-lab run scale-out");
        check(&["run", "--fail-if", "a > 0"], "etag-lab run --fail-if 'a > 0'");
        check(&["run", "--replica-command", "it's"], r"etag-lab run --replica-command 'it'\''s'");
        check(&["poll", "http://h/a@b"], "etag-lab poll http://h/a@b");
    }

    #[test]
    fn credentials_are_masked_in_it() {
        check(&["run", "--store", "redis://:p@h:1/2"], "etag-lab run --store 'redis://…@h:1/2'");
        check(&["run", "--store=redis://u:p@h:1"], "etag-lab run '--store=redis://…@h:1'");
        check(&["poll", "http://h/", "-H", "X-Key: k"], "etag-lab poll http://h/ -H 'X-Key: …'");
        check(
            &["run", "--replica-command", "T_KEY=k s"],
            "etag-lab run --replica-command 'T_KEY=… s'",
        );
        check(
            &["run", "--set", "fleet.command=\"T_KEY=k s\""],
            "etag-lab run --set 'fleet.command=\"T_KEY=… s\"'",
        );
    }
}
