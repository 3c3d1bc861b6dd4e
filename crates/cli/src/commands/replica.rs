//! `etag-lab replica`: one replica, by hand or under the control of the harness.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;
use harness::Scratch;
use http::HeaderValue;
use origin::watch::watch as watch_file;
use origin::{Coding, ContentSource, Replica, ReplicaSpec};
use server::stdio;
use system::replace::remove_stale;
use text::secret::masked;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use traffic::Traffic;
use truth::ReplicaId;

use crate::args::{address, whole};
use crate::exit::{Ending, Failure};
use crate::output;
use crate::serving::{self, Control, MetricsFlags, bind, open};
use crate::signals::{stop_signal, stopped};

mod stores;

use stores::StoreFlags;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", value_parser = address, default_value = "127.0.0.1:9001")]
    listen: SocketAddr,
    /// Tag strategy; see `etag-lab list strategies`
    #[arg(long, default_value = "content-hash",
          value_parser = PossibleValuesParser::new(strategies::names()))]
    strategy: String,
    /// Serve this file, and its changes, instead of generated content
    #[arg(long, value_name = "FILE", conflicts_with_all = ["control", "size"])]
    file: Option<PathBuf>,
    /// Size of the generated content in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 8_192,
          value_parser = whole::<u32>(1..=64 * 1024 * 1024))]
    size: u32,
    /// Seed of the generated content: equal seeds give equal bytes on every replica
    #[arg(long, value_name = "N", default_value_t = 42,
          value_parser = whole::<u64>(0..=u64::MAX))]
    seed: u64,
    /// Number declared in the Lab-Replica field [default: the port]
    #[arg(long, value_name = "N", value_parser = whole::<u32>(0..=u32::MAX.into()))]
    id: Option<u32>,
    /// Declare nothing in the Lab-Replica field; for the lab's own use
    #[arg(long, hide = true)]
    undeclared: bool,
    /// Changes before the start, for `per-process-counter`
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u64>(0..=u64::MAX))]
    changes_seen: u64,
    /// Path of the resource
    #[arg(long, value_name = "PATH", default_value = "/api/config")]
    path: String,
    /// Media type of the content
    #[arg(long, value_name = "TYPE", default_value = "application/json")]
    content_type: String,
    /// Cache-Control of the content; empty sends none
    #[arg(long, value_name = "DIRECTIVES", default_value = "no-cache")]
    cache_control: String,
    /// Content codings to offer, the preferred one first: gzip, br, zstd
    #[arg(long, value_name = "CODING", value_delimiter = ',', value_parser = coding)]
    codings: Vec<Coding>,
    /// Send no Last-Modified, and ignore dates in preconditions
    #[arg(long)]
    no_last_modified: bool,
    /// Read orders as JSON lines and stop at their end; for the lab's own use
    #[arg(long, value_enum, requires = "copy")]
    control: Option<Control>,
    /// File of this replica's own copy of the content
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    copy: Option<PathBuf>,
    #[command(flatten)]
    metrics: MetricsFlags,
    #[command(flatten, next_help_heading = "Writing")]
    writing: WritingFlags,
    #[command(flatten, next_help_heading = "Shared with other replicas")]
    stores: StoreFlags,
}

#[derive(Debug, clap::Args)]
struct WritingFlags {
    /// Answer 405 to a PUT, as without --writable
    #[arg(long, conflicts_with = "writable")]
    read_only: bool,
    /// Take a PUT, which replaces the content, and the file of --file with it
    #[arg(long)]
    writable: bool,
    /// Take a PUT for this host, too, not only for localhost and IP addresses; repeat it for each
    #[arg(long = "host", value_name = "NAME", requires = "writable")]
    hosts: Vec<String>,
    /// Answer 428 to a PUT without If-Match
    #[arg(long, requires = "writable")]
    require_if_match: bool,
}

fn coding(name: &str) -> Result<Coding, String> {
    Coding::named(name.as_bytes()).ok_or_else(|| "give gzip, br or zstd".to_owned())
}

/// Serves until a signal says so, or under control until the orders end.
pub(crate) async fn run(arguments: Arguments) -> Result<Ending, Failure> {
    let stop = stop_signal()?;
    let socket = bind(arguments.listen)?;
    let address = socket.local_addr().map_err(Failure::environment)?;
    if let Some(copy) = &arguments.copy
        && arguments.control.is_some()
    {
        let replica = Arc::new(replica(&arguments, address, copy.clone())?);
        return under_control(socket, replica, address, stop).await;
    }
    let listener = open(socket)?;
    by_hand(&arguments, listener, address, stop).await
}

async fn under_control(
    socket: TcpSocket,
    replica: Arc<Replica>,
    address: SocketAddr,
    stop: watch::Receiver<bool>,
) -> Result<Ending, Failure> {
    let (mut orders, mut reports) = serving::begin(address).await?;
    let mut stopped = pin!(stopped(stop));
    // The first order brings content, so that its report is due when connections are accepted.
    let first = tokio::select! {
        first = origin::control::next_report(&mut orders, &replica) => first,
        () = &mut stopped => serving::end(),
    };
    let first = first.map_err(Failure::environment)?;
    // Only now: a replica that starts again beside others is not asked before it has an answer.
    let listener = open(socket)?;
    let serving = Arc::clone(&replica);
    let ended = async {
        let obeyed = async {
            if let Some(first) = first {
                stdio::send(&mut reports, &first).await?;
            }
            origin::control::obey(orders, reports, replica).await
        };
        tokio::select! {
            // A broken stream ends the orders as well as their end does.
            _ = obeyed => {}
            () = stopped => {}
        }
    };
    origin::serve(listener, serving, ended).await;
    serving::end()
}

async fn by_hand(
    arguments: &Arguments,
    listener: TcpListener,
    address: SocketAddr,
    stop: watch::Receiver<bool>,
) -> Result<Ending, Failure> {
    let given = arguments.file.as_ref().or(arguments.copy.as_ref());
    let scratch = given.is_none().then(|| Scratch::new("replica")).transpose();
    let scratch = scratch
        .context("cannot make a folder for the replica's copy")
        .map_err(Failure::Environment)?;
    let own_copy = scratch.as_ref().map(|scratch| scratch.path().join("resource"));
    let copy = given.cloned().or(own_copy).unwrap_or_default();
    let replica = Arc::new(replica(arguments, address, copy)?);
    if let (Some(file), true) = (&arguments.file, arguments.writing.writable) {
        // One that was killed while it wrote has left something behind.
        remove_stale(file);
    }
    if arguments.file.is_some() {
        // A missing file is reported before the first request asks for it.
        let help = "give a file that exists and can be read, or leave --file out";
        let checked = replica.check_now().map_err(Failure::environment);
        checked.map_err(|failure| failure.with_help(help))?;
    } else {
        let content = origin::content::sample(arguments.size as usize, arguments.seed, 0);
        let replica = Arc::clone(&replica);
        // It may have to wait for others who start at the same moment.
        let deploy = move || replica.deploy(ContentSource::Content(&content), None, None);
        let deployed = spawn_blocking(deploy).await.map_err(Failure::environment)?;
        deployed.map_err(Failure::environment)?;
    }
    arguments.stores.warn();
    if let Some(notice) = arguments.stores.notice(strategy(arguments)) {
        output::note(&notice);
    }
    if arguments.writing.writable && !address.ip().is_loopback() {
        let who = if arguments.stores.has_token() { "and knows the token " } else { "" };
        output::note(&format!(
            "--writable: anybody who can reach {address} {who}can replace the content"
        ));
    }
    let traffic = || Traffic::of_origin("replica", &arguments.path);
    let metrics = arguments.metrics.serve(traffic, &stop)?;
    output::note(&format!(
        "replica ({}) on http://{address}{}; stop it with Ctrl-C",
        arguments.strategy, arguments.path
    ));
    let watching = arguments.file.is_some().then(|| {
        tokio::spawn(watch_file(
            Arc::clone(&replica),
            origin::watch::INTERVAL,
            stopped(stop.clone()),
        ))
    });
    match metrics {
        Some(page) => {
            let traffic = Arc::clone(&page.traffic);
            origin::serve_counted(listener, replica, traffic, stopped(stop)).await;
            page.end().await?;
        }
        None => origin::serve(listener, replica, stopped(stop)).await,
    }
    if let Some(watching) = watching {
        watching.await.map_err(Failure::environment)?;
    }
    Ok(Ending::Done)
}

fn replica(arguments: &Arguments, address: SocketAddr, copy: PathBuf) -> Result<Replica, Failure> {
    let value = |flag: &str, text: &str| {
        HeaderValue::from_str(text).map_err(|_| {
            Failure::Input(format!(
                "error: {flag} `{}` is not a field value: it may hold printable ASCII only",
                text::excerpt(&masked(text))
            ))
        })
    };
    let cache_control = (!arguments.cache_control.is_empty())
        .then(|| value("--cache-control", &arguments.cache_control))
        .transpose()?;
    let number = ReplicaId(arguments.id.unwrap_or(address.port().into()));
    let spec = ReplicaSpec {
        id: Some(number).filter(|_| !arguments.undeclared),
        name: Some(number),
        content_type: value("--content-type", &arguments.content_type)?,
        cache_control,
        path: arguments.path.clone(),
        history: arguments.changes_seen,
        codings: arguments.codings.clone(),
        last_modified: !arguments.no_last_modified,
        read_only: !arguments.writing.writable,
        hosts: arguments.writing.hosts.clone(),
        require_if_match: arguments.writing.require_if_match,
        ..ReplicaSpec::new(strategy(arguments), copy)
    };
    Replica::new(arguments.stores.apply(spec)?)
        .map_err(|error| Failure::Input(format!("error: --path {error}")))
}

fn strategy(arguments: &Arguments) -> &'static strategies::Entry {
    strategies::find(&arguments.strategy).expect("clap checked the name")
}
