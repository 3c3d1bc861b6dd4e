//! `etag-lab poll`: the polling clients alone, against anything that runs.

use std::time::Duration;

use client::cadence::Rounds;
use client::{Caching, Cadence, Interruption, InvalidTarget, Load, OnError};
use harness::{Remote, Settings};
use tokio::sync::watch;

use crate::args::{Common, Presentation};
use crate::commands::finish::{Keeping, finish};
use crate::commands::run::{CachingFlags, CadenceName, command_line, duration, share};
use crate::exit::{Ending, Failure};
use crate::progress;
use crate::signals::stop_signal;

/// As in a scenario.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(1);
const MOST_POLLS: u64 = 1_000_000_000;

/// What `etag-lab poll` accepts.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to poll, such as `http://127.0.0.1:9000/api/config`
    url: String,
    /// Path of a further resource on the same server; repeated, clients take turns
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<String>,
    /// Request field of every poll, such as 'Authorization: Bearer …'
    #[arg(short = 'H', long = "header", value_name = "FIELD")]
    fields: Vec<String>,
    /// Accept-Encoding of the clients, such as gzip; repeated, clients take turns; identity sends
    /// none
    #[arg(long, value_name = "CODINGS")]
    accept_encoding: Vec<String>,
    /// Logical clients
    #[arg(long, value_name = "N", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    clients: u32,
    /// Polls of each client
    #[arg(long, value_name = "N", default_value_t = 50,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    polls: u32,
    /// Polls of all clients together, instead of --polls
    #[arg(long, value_name = "N", conflicts_with = "polls",
          value_parser = clap::value_parser!(u64).range(1..=MOST_POLLS))]
    total_polls: Option<u64>,
    /// Layout of the polls in time
    #[arg(long, value_enum, default_value_t = CadenceName::Lockstep)]
    cadence: CadenceName,
    /// Time between two polls of one client, such as 500ms: in an open loop, or virtual with
    /// --honour-freshness or --obey-poll-interval [default: 1s]
    #[arg(long, value_parser = duration, value_name = "TIME")]
    interval: Option<Duration>,
    /// Open loop: share of the interval by which a poll may be early or late, 0 to 1
    /// [default: 0.1]
    #[arg(long, value_parser = share, value_name = "SHARE")]
    jitter: Option<f64>,
    /// Connections that the clients share [default: one each, at most 64]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: Option<u32>,
    /// Time limit of one poll
    #[arg(long, value_parser = duration, value_name = "TIME", default_value = "5s")]
    timeout: Duration,
    /// As a data plane does: clients keep their last complete content whatever becomes of the
    /// server, and the result tells what became of it; --on-error keep is the same
    #[arg(long, conflicts_with = "on_error")]
    last_known_good: bool,
    #[command(flatten)]
    caching: CachingFlags,
    /// Seed of the order of polls
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 42)]
    seed: u64,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    presentation: Presentation,
}

/// Polls, saves, shows.
pub(crate) async fn run(common: Common, arguments: Arguments) -> Result<Ending, Failure> {
    arguments.presentation.check()?;
    let (sender, receiver) = watch::channel(None);
    let settings = Settings {
        program: std::env::current_exe().map_err(Failure::environment)?,
        command: command_line(),
        stop: stop_signal()?,
        progress: sender,
        capture: None,
    };
    let remote = Remote {
        url: arguments.url.clone(),
        paths: arguments.paths.clone(),
        fields: arguments.fields.clone(),
        accept_encoding: arguments.accept_encoding.clone(),
        on_error: on_error(&arguments),
        load: load(&arguments)?,
    };
    let shown = tokio::spawn(progress::show(receiver));
    let result = harness::poll(&remote, &settings).await;
    shown.abort();
    progress::clear();
    let record = result.map_err(invalid_target)?;
    let arm = &record.arms[0];
    if !record.partial && arm.polls == arm.verdicts.error {
        let reasons: Vec<_> = arm.errors.iter().map(|error| error.reason.as_str()).collect();
        let error = anyhow::anyhow!(
            "no complete response from {} ({})",
            text::excerpt(&arguments.url),
            reasons.join(", ")
        );
        return Err(Failure::Environment(error)
            .with_help("is it running, and is the path right? try it with `curl -i`"));
    }
    finish(common, &record, &[], &arguments.keeping, &arguments.presentation)
}

fn load(arguments: &Arguments) -> Result<Load, Failure> {
    if let (None, Some(_)) = (arguments.caching.interrupt_at, arguments.caching.if_range) {
        return Err(Failure::input(
            "--if-range has no meaning where no download is interrupted",
            "add --interrupt-at 0.5",
        ));
    }
    let clients = arguments.clients;
    let each = u64::from(arguments.polls) * u64::from(clients);
    let polls = arguments.total_polls.unwrap_or(each);
    if polls > MOST_POLLS {
        return Err(Failure::input(
            format!("{clients} clients with {} polls each are too many", arguments.polls),
            "at most 1,000,000,000 polls together; --total-polls N sets that number",
        ));
    }
    Ok(Load {
        rounds: Rounds { clients, polls },
        cadence: cadence(arguments)?,
        seed: arguments.seed,
        connections: arguments.connections.unwrap_or(64).min(clients),
        timeout: arguments.timeout,
        identify_clients: false,
        capture: None,
        caching: caching(arguments),
        on_error: on_error(arguments).unwrap_or_default(),
        obey_poll_interval: arguments.caching.obey_poll_interval,
        log_changes: false,
    })
}

fn on_error(arguments: &Arguments) -> Option<OnError> {
    arguments.caching.on_error.or(arguments.last_known_good.then_some(OnError::Keep))
}

fn caching(arguments: &Arguments) -> Caching {
    let CachingFlags { validate, honour_freshness, interrupt_at, if_range, .. } = arguments.caching;
    Caching {
        validate: validate.unwrap_or_default(),
        honour_freshness,
        round_interval: arguments.interval.unwrap_or(DEFAULT_INTERVAL),
        interruption: interrupt_at
            .map(|at| Interruption { at, if_range: if_range.unwrap_or_default() }),
    }
}

fn cadence(arguments: &Arguments) -> Result<Cadence, Failure> {
    let Arguments { interval, jitter, .. } = *arguments;
    let CachingFlags { honour_freshness, obey_poll_interval, .. } = arguments.caching;
    let has_clock = honour_freshness || obey_poll_interval;
    let flag = interval.filter(|_| !has_clock).map(|_| "--interval");
    let flag = flag.or(jitter.map(|_| "--jitter"));
    match (arguments.cadence, flag) {
        (CadenceName::OpenLoop, _) => Ok(Cadence::OpenLoop {
            interval: interval.unwrap_or(DEFAULT_INTERVAL),
            jitter: jitter.unwrap_or(0.1),
        }),
        (_, Some(flag)) => Err(Failure::input(
            format!("{flag} has no meaning without an open loop"),
            match flag {
                "--interval" => {
                    "add --cadence open-loop, or --honour-freshness or --obey-poll-interval for a \
                     virtual clock"
                }
                _ => "add --cadence open-loop",
            },
        )),
        (CadenceName::Lockstep, None) => Ok(Cadence::Lockstep),
        (CadenceName::Shuffled, None) => Ok(Cadence::Shuffled),
    }
}

fn invalid_target(error: InvalidTarget) -> Failure {
    let help = match &error {
        InvalidTarget::Unresolved(..) => {
            let failure = Failure::environment(error);
            return failure.with_help("check the name, or give the address itself");
        }
        InvalidTarget::NotAbsolute(_) | InvalidTarget::Url(..) => "give scheme, host and path",
        InvalidTarget::Scheme(_, scheme) if scheme == "https" => {
            "poll the plain HTTP port behind the TLS termination, or put a proxy that speaks TLS \
             in between"
        }
        InvalidTarget::Scheme(..) => "give an http:// URL",
        InvalidTarget::Path(_) => "give the path of a resource, with its query if it has one",
        InvalidTarget::Codings(_) => "write --accept-encoding gzip, or 'gzip, br;q=0.5'",
        InvalidTarget::Field(_) => "write --header 'NAME: VALUE', in printable ASCII",
    };
    // What was given is shown on one line.
    Failure::input(text::visible(&error.to_string()), help)
}
