//! `etag-lab poll`: the polling clients alone, against anything that runs.

mod unanswered;

use std::num::NonZeroU32;
use std::time::Duration;

use client::InvalidTarget;
use harness::{PollError, Remote, Settings};
use scenario::{Setup, expectation};
use wire::tls::InvalidTls;
use wire::url::Url;

use crate::args::{Common, Presentation, check_output, duration, whole};
use crate::clear_text;
use crate::commands::finish::{Keeping, finish};
use crate::commands::run::{refused, with_progress};
use crate::exit::{Ending, Failure};
use crate::flags::LoadFlags;
use crate::secrets::FieldFlags;
use crate::sharding::{self, ShardFlags};
use crate::trust::WayFlags;
use unanswered::unanswered;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Durations are written like 500ms, 2s or 1min, numbers also like 8k (8,000) or 8Ki (8,192).")]
pub(crate) struct Arguments {
    /// What to poll, such as `http://127.0.0.1:9000/api/config` or `https://…`
    url: String,
    /// Path of a further resource on the same server; repeated, clients take turns
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<String>,
    #[command(flatten)]
    fields: FieldFlags,
    /// Keep the last complete content of each client when polls fail, and report what became of it;
    /// --on-error keep is the same
    #[arg(long, conflicts_with = "on-error")]
    last_known_good: bool,
    /// Time to poll for, such as 30s, in place of --polls
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = "Load")]
    #[arg(conflicts_with_all = ["polls", "total-polls"])]
    duration: Option<Duration>,
    #[command(flatten)]
    way: WayFlags,
    /// Poll over HTTP/2, many clients on few connections: by ALPN with TLS, else by prior knowledge.
    /// --connections is 1 unless it is given
    #[arg(long, conflicts_with = "interrupt-at", hide_short_help = true)]
    #[arg(help_heading = "Connection")]
    http2: bool,
    /// Polls in flight on each connection over HTTP/2
    #[arg(long, value_name = "N", default_value_t = 100, requires = "http2")]
    #[arg(value_parser = whole::<u32>(1..=MOST_STREAMS), hide_short_help = true)]
    #[arg(help_heading = "Connection")]
    streams: u32,
    #[command(flatten)]
    flags: LoadFlags,
    #[command(flatten)]
    shards: ShardFlags,
    #[command(flatten)]
    keeping: Keeping,
    #[command(flatten)]
    presentation: Presentation,
}

/// Most streams of a connection; servers allow some hundreds.
const MOST_STREAMS: u64 = 10_000;

pub(crate) async fn run(common: Common, arguments: Arguments) -> Result<Ending, Failure> {
    check_output(arguments.presentation.output.as_deref())?;
    arguments.keeping.check()?;
    let mut flags = arguments.flags.0.clone();
    if arguments.last_known_good {
        flags = flags.with("on-error", "keep");
    }
    if arguments.http2 && flags.clone().take("connections").is_none() {
        flags = flags.with("connections", "1");
    }
    let fields = arguments.fields.read(&[])?;
    if let Ok(url) = Url::parse(&arguments.url) {
        clear_text::warn_of_fields(&fields, &url, clear_text::USE_HTTPS);
    }
    let remote = Remote {
        url: arguments.url.clone(),
        paths: arguments.paths.clone(),
        fields,
        access: client::Access {
            http2_streams: NonZeroU32::new(arguments.streams).filter(|_| arguments.http2),
            ..arguments.way.access()
        },
        duration: arguments.duration,
        sharding: arguments.shards.read()?,
        setup: Setup::of_flags(&flags).map_err(|error| refused(common, &error))?,
        expectations: expectation::of_flags(&flags, &[harness::POLL])
            .map_err(|error| refused(common, &error))?,
    };
    let work = async |settings: &Settings| harness::poll(&remote, settings).await;
    let record = with_progress(None, work).await?.map_err(refused_poll)?;
    let arm = &record.arms[0];
    // The record of a shard is a part of the whole, even where it has clients of no use, or none.
    if !record.partial && !record.is_part() && arm.polls == arm.verdicts.error {
        return Err(unanswered(arm, &arguments.url, arguments.http2));
    }
    finish(common, &record, &[harness::POLL], &[], &arguments.keeping, &arguments.presentation)
}

fn refused_poll(error: PollError) -> Failure {
    match error {
        PollError::Target(error) => invalid_target(error),
        PollError::Shard(error) => sharding::refused(error),
    }
}

fn invalid_target(error: InvalidTarget) -> Failure {
    let help = match &error {
        InvalidTarget::Unresolved(..) => {
            let failure = Failure::environment(error);
            return failure.with_help("check the name, or give the address itself");
        }
        // Of a URL that has its scheme, something else is missing.
        InvalidTarget::NotAbsolute(text)
            if text.chars().all(|c| c.is_ascii_graphic()) && !text.contains("://") =>
        {
            let text = text::excerpt(text);
            let help = format!("did you mean http://{text}? give scheme, host and path");
            return Failure::input(text::visible(&error.to_string()), help);
        }
        InvalidTarget::NotAbsolute(_) | InvalidTarget::Url(..) => "give scheme, host and path",
        InvalidTarget::Scheme(..) => "give an http:// or https:// URL",
        InvalidTarget::Tls(_, InvalidTls::Unsupported) => {
            "use http://, or build it with the feature `tls`"
        }
        InvalidTarget::Http2 => "leave --http2 out, or build it with the feature `http2`",
        InvalidTarget::Tls(_, error) => crate::access::help(error),
        InvalidTarget::Path(_) => "give the path of a resource, with its query if it has one",
        InvalidTarget::Codings(_) => "write --accept-encoding gzip, or 'gzip, br;q=0.5'",
    };
    // What was given is shown on one line.
    Failure::input(text::visible(&error.to_string()), help)
}
