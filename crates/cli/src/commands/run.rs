//! `etag-lab run`: a scenario from file and flags to a table.

use std::time::Duration;

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use client::{Capture, IfRange, OnError, Validate};
use harness::{Finished, Settings};
use scenario::{Diagnostic, Names, Overrides, Scenario};
use tokio::sync::watch;

use crate::args::{Common, Presentation};
use crate::commands::finish::{Keeping, finish};
use crate::exit::{Ending, Failure};
use crate::output;
use crate::progress;
use crate::signals::stop_signal;

/// What `etag-lab run` accepts.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without a scenario, `all-200s` runs: per-process counters before, content hashes after.
Flags win over the scenario file. Durations are written like 500ms, 2s or 1min.")]
pub(crate) struct Arguments {
    /// A scenario file, or the name of a built-in scenario
    scenario: Option<String>,
    #[command(flatten)]
    flags: Flags,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    presentation: Presentation,
}

/// Flags over the scenario file.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Scenario")]
pub(crate) struct Flags {
    /// Tag strategy of the arm `before`
    #[arg(long, value_name = "STRATEGY", value_parser = PossibleValuesParser::new(strategies::names()))]
    before: Option<String>,
    /// Tag strategy of the arm `after`
    #[arg(long, value_name = "STRATEGY", value_parser = PossibleValuesParser::new(strategies::names()))]
    after: Option<String>,
    /// Replicas behind the balancer
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    replicas: Option<i64>,
    /// Your own program as the replica, for the shell: it gets PORT, REPLICA, REPLICAS, RESOURCE
    #[arg(long, value_name = "COMMAND")]
    replica_command: Option<String>,
    /// How the balancer picks a replica
    #[arg(long, value_name = "POLICY", value_parser = PossibleValuesParser::new(policies()))]
    policy: Option<String>,
    /// What the balancer does to responses, or a product that does it; see `etag-lab list edges`
    #[arg(long, value_name = "EDGE", value_parser = edges())]
    edge: Option<String>,
    /// Accept-Encoding of the clients, such as gzip; repeated, clients take turns; identity sends
    /// none
    #[arg(long, value_name = "CODINGS")]
    accept_encoding: Vec<String>,
    /// Logical clients
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    clients: Option<i64>,
    /// Polls of each client
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    polls: Option<i64>,
    /// Polls of all clients together, instead of --polls
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    total_polls: Option<i64>,
    /// Layout of the polls in time
    #[arg(long, value_enum)]
    cadence: Option<CadenceName>,
    /// Time between two polls of one client: in an open loop, or virtual with --honour-freshness or
    /// --obey-poll-interval
    #[arg(long, value_name = "TIME")]
    interval: Option<String>,
    /// Open loop: share of the interval by which a poll may be early or late, 0 to 1
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    jitter: Option<f64>,
    /// Connections that the clients share
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    connections: Option<i64>,
    /// Time limit of one poll
    #[arg(long, value_name = "TIME")]
    timeout: Option<String>,
    #[command(flatten)]
    caching: CachingFlags,
    /// Size of the content in bytes
    #[arg(long, value_name = "BYTES", allow_negative_numbers = true)]
    size: Option<i64>,
    /// Serve this file instead of generated content
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    /// Path that the clients poll
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Cache-Control of the resource
    #[arg(long, value_name = "DIRECTIVES")]
    cache_control: Option<String>,
    /// Seed of every random choice
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Where replicas keep shared tags: sqlite, redis (a private one) or redis://HOST:PORT
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
    /// Where the routes of a control plane lie: file, etcd (a private one) or etcd://HOST:PORT
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Real servers, found on the PATH and started for the run, instead of what is embedded
    #[arg(long, conflicts_with_all = ["store", "source"])]
    real: bool,
    /// No content change during the run
    #[arg(long)]
    no_changes: bool,
    /// Any key of the scenario file, such as load.clients=20; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Exit with 1 if this holds, such as `after.false_validation > 0`; may be repeated
    #[arg(long, value_name = "CONDITION")]
    fail_if: Vec<String>,
}

/// What clients do with what they have stored.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct CachingFlags {
    /// Validators that clients send back
    #[arg(long, value_name = "VALIDATOR", value_parser = validate())]
    pub(crate) validate: Option<Validate>,
    /// Clients use what they have stored without asking while it is fresh (max-age, Expires, Age)
    #[arg(long)]
    pub(crate) honour_freshness: bool,
    /// Share of the content after which clients hang up in every download, to resume it
    #[arg(long, value_name = "SHARE", value_parser = inner_share)]
    pub(crate) interrupt_at: Option<f64>,
    /// Tags with which interrupted downloads are resumed
    #[arg(long, value_name = "TAGS", value_parser = if_range())]
    pub(crate) if_range: Option<IfRange>,
    /// What clients do with what they have stored when a poll fails; the result then tells what
    /// became of it
    #[arg(long, value_name = "CHOICE", value_parser = on_error())]
    pub(crate) on_error: Option<OnError>,
    /// Clients poll no sooner than Poll-Interval (milliseconds) allows, and not at all after -1
    #[arg(long)]
    pub(crate) obey_poll_interval: bool,
}

fn validate() -> impl TypedValueParser<Value = Validate> {
    let named = |name: String| Validate::ALL.into_iter().find(|choice| choice.name() == name);
    PossibleValuesParser::new(Validate::ALL.map(Validate::name))
        .map(move |name| named(name).expect("the parser knows these names only"))
}

fn if_range() -> impl TypedValueParser<Value = IfRange> {
    let named = |name: String| IfRange::ALL.into_iter().find(|choice| choice.name() == name);
    PossibleValuesParser::new(IfRange::ALL.map(IfRange::name))
        .map(move |name| named(name).expect("the parser knows these names only"))
}

fn on_error() -> impl TypedValueParser<Value = OnError> {
    let named = |name: String| OnError::ALL.into_iter().find(|choice| choice.name() == name);
    PossibleValuesParser::new(OnError::ALL.map(OnError::name))
        .map(move |name| named(name).expect("the parser knows these names only"))
}

fn policies() -> impl Iterator<Item = &'static str> {
    balancer::catalogue::POLICIES.iter().map(|entry| entry.name)
}

/// Names of edges, and behind them those of the products that do the same.
pub(crate) fn edges() -> PossibleValuesParser {
    let edges = balancer::catalogue::EDGES.iter();
    let products = edges.clone().flat_map(|entry| entry.products.iter().copied());
    PossibleValuesParser::new(edges.map(|entry| entry.name).chain(products))
}

/// Load shapes by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CadenceName {
    /// Strict order, one poll in flight, reproducible to the byte
    Lockstep,
    /// A seeded order, as fast as answers come
    Shuffled,
    /// Every client once per interval, whether or not answers come
    OpenLoop,
}

/// Runs, saves, shows.
pub(crate) async fn run(common: Common, arguments: Arguments) -> Result<Ending, Failure> {
    arguments.presentation.check()?;
    let scenario = load(common, arguments.scenario.as_deref(), &arguments.flags)?;
    let finished = measure(&scenario, None).await?;
    let Arguments { keeping, presentation, .. } = &arguments;
    if finished.record.arms.is_empty() {
        return Ok(Ending::Interrupted);
    }
    let ending = finish(common, &finished.record, &finished.logs, keeping, presentation)?;
    match finished.failure {
        Some(failure) => Err(Failure::environment(failure)),
        None => Ok(ending),
    }
}

/// Runs a scenario until it is done or somebody stops it, with its progress on standard error.
pub(crate) async fn measure(
    scenario: &Scenario,
    capture: Option<Capture>,
) -> Result<Finished, Failure> {
    let (sender, receiver) = watch::channel(None);
    let settings = Settings {
        program: std::env::current_exe().map_err(Failure::environment)?,
        command: command_line(),
        stop: stop_signal()?,
        progress: sender,
        capture,
    };
    let shown = tokio::spawn(progress::show(receiver));
    let result = harness::run(scenario, &settings).await;
    shown.abort();
    progress::clear();
    result.map_err(Failure::environment)
}

/// The scenario of this name or file under the flags; its warnings go to standard error.
pub(crate) fn load(
    common: Common,
    scenario: Option<&str>,
    flags: &Flags,
) -> Result<Scenario, Failure> {
    let color = common.color.on_stderr();
    let scenario =
        resolve(scenario, flags).map_err(|diagnostic| Failure::Input(diagnostic.render(color)))?;
    for warning in scenario.warnings() {
        output::complain(warning.render(color).trim_end());
    }
    Ok(scenario)
}

fn resolve(name: Option<&str>, flags: &Flags) -> Result<Scenario, Box<Diagnostic>> {
    let strategies: Vec<_> = strategies::names().collect();
    let policies: Vec<_> = policies().collect();
    let names = Names { strategies: &strategies, policies: &policies };
    Scenario::load(name, &flags.overrides(), &names)
}

impl Flags {
    fn overrides(&self) -> Overrides {
        let cadence = self.cadence.and_then(|cadence| cadence.to_possible_value());
        Overrides {
            before: self.before.clone(),
            after: self.after.clone(),
            replicas: self.replicas,
            clients: self.clients,
            polls: self.polls,
            total_polls: self.total_polls,
            cadence: cadence.map(|cadence| cadence.get_name().to_owned()),
            interval: self.interval.clone(),
            jitter: self.jitter,
            policy: self.policy.clone(),
            edge: self.edge.clone(),
            accept_encoding: self.accept_encoding.clone(),
            size_bytes: self.size,
            file: self.file.clone(),
            path: self.path.clone(),
            cache_control: self.cache_control.clone(),
            seed: self.seed,
            connections: self.connections,
            timeout: self.timeout.clone(),
            validate: self.caching.validate.map(|choice| choice.name().to_owned()),
            honour_freshness: self.caching.honour_freshness,
            interrupt_at: self.caching.interrupt_at,
            if_range: self.caching.if_range.map(|choice| choice.name().to_owned()),
            on_error: self.caching.on_error.map(|choice| choice.name().to_owned()),
            obey_poll_interval: self.caching.obey_poll_interval,
            replica_command: self.replica_command.clone(),
            store: self.store.clone(),
            source: self.source.clone(),
            real: self.real,
            no_changes: self.no_changes,
            sets: self.sets.clone(),
            fail_if: self.fail_if.clone(),
        }
    }
}

/// Our own command line as it would be typed into a shell to measure the same again: without
/// what concerns only where the result goes and how it looks.
pub(crate) fn command_line() -> String {
    let arguments = std::env::args_os().skip(1);
    reproducing(arguments.map(|argument| argument.to_string_lossy().into_owned()))
}

fn reproducing(arguments: impl Iterator<Item = String>) -> String {
    const WITH_VALUE: [&str; 5] = ["-o", "--output", "--format", "--results", "--color"];
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,+%@".contains(c);
    let mut line = "etag-lab".to_owned();
    let mut arguments = arguments.map(|argument| without_password(&argument));
    while let Some(argument) = arguments.next() {
        let flag = argument.split('=').next().unwrap_or_default();
        if WITH_VALUE.contains(&argument.as_str()) {
            arguments.next();
        } else if argument == "--no-save" || WITH_VALUE.contains(&flag) || is_short_output(flag) {
            // Its value is part of the argument.
        } else if !argument.is_empty() && argument.chars().all(plain) {
            line.push(' ');
            line.push_str(&argument);
        } else {
            line.extend([" '", &argument.replace('\'', r"'\''"), "'"]);
        }
    }
    line
}

/// A URL without its user and password, which are for nobody who reads a saved run.
fn without_password(argument: &str) -> String {
    let Some((scheme, rest)) = argument.split_once("://") else { return argument.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => argument.to_owned(),
    }
}

/// `-oFILE`
fn is_short_output(argument: &str) -> bool {
    argument.starts_with("-o") && !argument.starts_with("--")
}

/// A duration argument such as `500ms`; not zero.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    scenario::parse_duration(text)
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "not a duration such as 500ms, 2s or 1min".to_owned())
}

/// A share from 0 to 1.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "not a number from 0 to 1".to_owned())
}

/// A share that leaves something on both sides.
fn inner_share(text: &str) -> Result<f64, String> {
    share(text)
        .ok()
        .filter(|share| *share > 0.0 && *share < 1.0)
        .ok_or_else(|| "not a number between 0 and 1".to_owned())
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
        check(&["run", "--store", "redis://:p@h:1/2"], "etag-lab run --store redis://h:1/2");
        check(&["run", "--store=redis://u:p@h:1"], "etag-lab run --store=redis://h:1");
        check(&["poll", "http://h/a@b"], "etag-lab poll http://h/a@b");
    }
}
