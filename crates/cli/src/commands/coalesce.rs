//! `etag-lab coalesce`: the control-plane proxy with an `ETag` cache.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use control_plane::proxy::upstream::{InvalidUpstream, Locator, UpstreamSettings};
use control_plane::proxy::{self, PollSchedule, ProxyState, RolloutMode, Upstream};
use http::header::{ACCEPT_ENCODING, HOST};
use tokio::sync::watch;
use truth::ReplicaId;
use wire::json::JsonSettings;
use wire::tls::{InvalidTls, TlsSettings};

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
    /// Accept an empty table
    #[arg(long)]
    allow_empty: bool,
    /// Largest response of the source that is accepted, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 64 * 1024 * 1024,
          value_parser = clap::value_parser!(u32).range(1..=1024 * 1024 * 1024))]
    max_bytes: u32,
    /// Send no Last-Modified, and keep no date in etcd
    #[arg(long)]
    no_last_modified: bool,
    #[command(flatten)]
    fields: FieldFlags,
    /// File whose first line is sent as a bearer token to both; read again for each request
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Certificates to trust instead of the system's, for https
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Number to declare in the Lab-Replica field [default: declare nothing]
    #[arg(long, value_name = "N")]
    id: Option<u32>,
    /// Report the address as a JSON line and stop at the end of standard input; for the lab's own use
    #[arg(long, value_enum)]
    control: Option<Control>,
}

/// Serves until a signal says so, or under control until standard input ends.
pub(crate) async fn run(arguments: Arguments) -> Result<Ending, Failure> {
    let mode = arguments.mode;
    // It is read again for each request; that it can be is not left to the first of them.
    if let Some(path) = &arguments.token_file {
        secrets::token("--token-file", path)?;
    }
    let (upstream, direct) = (opened(&arguments, false)?, opened(&arguments, true)?);
    let stop = stop_signal()?;
    let (listener, address) = listen(arguments.listen)?;
    let proxy = Arc::new(ProxyState::new(mode, arguments.id.map(ReplicaId)));
    let stop = match arguments.control {
        Some(Control::Stdio) => under_control(address, stop).await?,
        None => {
            output::note(&format!(
                "coalescer ({}) on http://{address}/routes; stop it with Ctrl-C",
                mode.as_str()
            ));
            stop
        }
    };
    let polling = upstream.map(|upstream| {
        let schedule = PollSchedule {
            interval: arguments.interval,
            jitter: arguments.jitter,
            timeout: arguments.timeout,
            allow_empty: arguments.allow_empty,
            last_modified: !arguments.no_last_modified,
        };
        let stopped = stopped(stop.clone());
        tokio::spawn(proxy::poll(Arc::clone(&proxy), upstream, direct, schedule, stopped))
    });
    proxy::serve(listener, proxy, stopped(stop)).await;
    if let Some(polling) = polling {
        polling.await.map_err(Failure::environment)?;
    }
    if arguments.control.is_some() {
        serving::end();
    }
    Ok(Ending::Done)
}

/// Opens the source, or the one that clients use today; `None` where the mode polls neither.
fn opened(arguments: &Arguments, is_direct: bool) -> Result<Option<Upstream>, Failure> {
    let mode = arguments.mode;
    let (flag, text) = match is_direct {
        true if mode == RolloutMode::Pre => ("--direct", &arguments.direct),
        true => return Ok(None),
        false => ("--upstream", &arguments.upstream),
    };
    let Some(text) = text else {
        if mode == RolloutMode::Off {
            return Ok(None);
        }
        let title = format!("the mode {} needs {flag}", mode.as_str());
        return Err(Failure::input(title, format!("{flag} URL; see `etag-lab coalesce --help`")));
    };
    let settings = UpstreamSettings {
        requests: JsonSettings {
            fields: arguments.fields.read(&[ACCEPT_ENCODING, HOST])?,
            token_file: arguments.token_file.clone(),
            tls: TlsSettings { ca_file: arguments.cacert.clone(), ..TlsSettings::default() },
            max_bytes: arguments.max_bytes as usize,
            timeout: None,
        },
        may_write: !arguments.no_last_modified && !is_direct,
    };
    let opened = Locator::parse(text).and_then(|locator| Upstream::open(&locator, &settings));
    opened.map(Some).map_err(|error| {
        let help = match &error {
            InvalidUpstream::Tls(_, InvalidTls::Certificates(..)) => {
                "--cacert names a file in PEM form"
            }
            InvalidUpstream::Tls(..) => "give --cacert, or a URL without TLS",
            _ => "a path, http://…, k8s+http://… or etcd://HOST:PORT/PREFIX; see --help",
        };
        Failure::input(format!("{flag}: {error}"), help)
    })
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
