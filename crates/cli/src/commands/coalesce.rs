//! `etag-lab coalesce`: the control-plane proxy with an `ETag` cache.

mod clients;
mod sources;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use control_plane::proxy::{self, PollSchedule, ProxyState, RolloutMode};
use tokio::sync::watch;
use truth::ReplicaId;

use self::clients::ClientFlags;
use crate::access::AccessFlags;
use crate::args::{address, choice, duration, share};
use crate::exit::{Ending, Failure};
use crate::output;
use crate::secrets::{self, FieldFlags};
use crate::serving::{self, Control, listen};
use crate::signals::{stop_signal, stopped};

const FORMS: &str = "\
Sources of routes, for --upstream and --direct:
  FILE, file:FILE        a table {\"routes\":[{\"id\":…,\"zone\":…,…},…]}
  FOLDER, dir:FOLDER     each *.json file is a table, or a route named so
  http(s)://…            the same table over HTTP, polled with If-None-Match
  k8s+http(s)://…        a list of the Kubernetes API, such as
                         …/apis/networking.k8s.io/v1/ingresses
  etcd(+https)://HOST:PORT/PREFIX
                         etcd v3: each key under /PREFIX/ is a route

A route is a JSON object. Its id is the member `id`, else the rest of the key,
the name of the file, or NAMESPACE/NAME in Kubernetes. Its zone is the member
`zone`, or the label topology.kubernetes.io/zone; without one it is in
every zone. Other members are passed on.

Paths: /routes, /routes/ZONE, /routes/ZONE/ID (ZONE is - for routes
without one), /health (204 once a table is held), /metrics, and in the mode
pre /diff.";

const MODES: [(&str, &str, RolloutMode); 3] = [
    ("off", "neither poll nor serve", RolloutMode::Off),
    ("pre", "poll and compare with --direct, but do not serve", RolloutMode::Pre),
    ("exec", "serve", RolloutMode::Exec),
];

#[derive(Debug, clap::Args)]
#[command(after_help = FORMS)]
pub(crate) struct Arguments {
    /// Source of the routes; see below
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", value_parser = address, default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// Time from one poll of the source to the next
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "3s")]
    interval: Duration,
    /// Share by which the interval varies either way
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "0.1")]
    jitter: f64,
    /// Longest time for one poll of the source
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "2s")]
    timeout: Duration,
    /// Stage of a rollout; see below
    #[arg(long, value_parser = choice(MODES), default_value = "exec")]
    mode: RolloutMode,
    /// In mode pre, the source that clients use today, to compare with; forms as for --upstream
    #[arg(long, value_name = "URL")]
    direct: Option<String>,
    #[command(flatten)]
    tolerance: Tolerance,
    /// Largest response of the source that is accepted, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 64 * 1024 * 1024,
          value_parser = clap::value_parser!(u32).range(1..=1024 * 1024 * 1024))]
    max_bytes: u32,
    /// Send no Last-Modified
    #[arg(long)]
    no_last_modified: bool,
    /// Agree with other instances on a Last-Modified by writing a key into etcd, which keeps no times
    #[arg(long, conflicts_with = "no_last_modified")]
    agree_on_date: bool,
    #[command(flatten)]
    fields: FieldFlags,
    /// File whose first line is sent as a bearer token to both; read again for each request
    #[arg(long, value_name = "FILE", conflicts_with = "user")]
    token_file: Option<PathBuf>,
    /// Number to declare in the Lab-Replica field [default: declare nothing]
    #[arg(long, value_name = "N")]
    id: Option<u32>,
    /// Report the address as a JSON line and stop at the end of standard input; for the lab's own use
    #[arg(long, value_enum)]
    control: Option<Control>,
    #[command(flatten)]
    access: AccessFlags,
    #[command(flatten)]
    admission: ClientFlags,
}

/// Strictness about tables that could be an accident.
#[derive(Debug, clap::Args)]
struct Tolerance {
    /// Serve no table with something in it that is no route, which is left out otherwise
    #[arg(long)]
    strict: bool,
    /// Accept an empty table
    #[arg(long)]
    allow_empty: bool,
    /// Accept that the file or folder is not there yet
    #[arg(long)]
    allow_missing: bool,
}

/// Serves until a signal says so, or under control until standard input ends.
pub(crate) async fn run(arguments: Arguments) -> Result<Ending, Failure> {
    let mode = arguments.mode;
    // It is read again for each request; that it can be is not left to the first of them.
    if let Some(path) = &arguments.token_file {
        secrets::token("--token-file", path)?;
    }
    let (upstream, direct) = sources::opened(&arguments)?;
    let tls = arguments.admission.tls()?;
    let proxy = ProxyState::new(mode, arguments.id.map(ReplicaId));
    let proxy = Arc::new(arguments.admission.admitted_to(proxy)?);
    let stop = stop_signal()?;
    let (listener, address) = listen(arguments.listen)?;
    let stop = match arguments.control {
        Some(Control::Stdio) => under_control(address, stop).await?,
        None => {
            output::note(&arguments.admission.announcement(mode, address));
            stop
        }
    };
    let polling = upstream.map(|upstream| {
        let schedule = PollSchedule {
            interval: arguments.interval,
            jitter: arguments.jitter,
            timeout: arguments.timeout,
            strict: arguments.tolerance.strict,
            allow_empty: arguments.tolerance.allow_empty,
            last_modified: !arguments.no_last_modified,
        };
        let stopped = stopped(stop.clone());
        tokio::spawn(proxy::poll(Arc::clone(&proxy), upstream, direct, schedule, stopped))
    });
    proxy::serve(listener, tls, proxy, stopped(stop)).await;
    if let Some(polling) = polling {
        polling.await.map_err(Failure::environment)?;
    }
    if arguments.control.is_some() {
        serving::end();
    }
    Ok(Ending::Done)
}

/// Reports the address; becomes true at the end of standard input as well as at a signal.
async fn under_control(
    address: SocketAddr,
    signal: watch::Receiver<bool>,
) -> Result<watch::Receiver<bool>, Failure> {
    let (mut orders, _reports) = serving::begin(address).await?;
    let (stop, receiver) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            // A broken stream ends the orders as well as their end does.
            _ = orders.drain() => {}
            () = stopped(signal) => {}
        }
        stop.send_replace(true);
    });
    Ok(receiver)
}
