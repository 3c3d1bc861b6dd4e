//! `etag-lab source`: a stand-in for the Kubernetes API, by hand or under the control of the harness.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use control_plane::etcd::Etcd;
use control_plane::proxy::upstream::Locator;
use control_plane::source::{self, LIST_PATH, RouteStore, SourceState};
use tokio::net::TcpListener;
use tokio::sync::watch;
use wire::json::JsonSettings;

use crate::access::{self, AccessFlags};
use crate::args::address;
use crate::exit::{Ending, Failure};
use crate::output;
use crate::serving::{self, Control, listen};
use crate::signals::{stop_signal, stopped};

// An etcd that hangs must not hold the requests of clients for ever.
const ETCD_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each response lists all routes and has no validator, as the Kubernetes API answers clients that \
poll it without a proxy. Put a proxy in front of it with `etag-lab coalesce`.

A file holds {\"version\":\"1\",\"routes\":[{\"id\":\"a\",\"zone\":\"z\",\"spec\":{}}]}, in etcd each \
key below the prefix one such route.")]
pub(crate) struct Arguments {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", value_parser = address, default_value = "127.0.0.1:9080")]
    listen: SocketAddr,
    /// Store of the routes: `file:PATH` or `etcd://HOST:PORT/PREFIX`; see below
    #[arg(long, value_name = "STORE", value_parser = place)]
    store: Locator,
    /// Read orders as JSON lines and stop at their end; for the lab's own use
    #[arg(long, value_enum)]
    control: Option<Control>,
    #[command(flatten)]
    access: AccessFlags,
}

fn place(text: &str) -> Result<Locator, String> {
    match Locator::parse(text) {
        Ok(file @ Locator::Path(_)) if text.starts_with("file:") => Ok(file),
        Ok(etcd @ Locator::Etcd(..)) => Ok(etcd),
        _ => Err("give file:PATH or etcd://127.0.0.1:2379/PREFIX".to_owned()),
    }
}

const WHAT_TO_GIVE: &str =
    "give a store that can be read: file:PATH of a list of routes, or an etcd that runs";

/// Serves until a signal says so, or under control until the orders end.
pub(crate) async fn run(arguments: Arguments) -> Result<Ending, Failure> {
    let store = opened(&arguments).await?;
    let stop = stop_signal()?;
    let (listener, address) = listen(arguments.listen)?;
    let state = Arc::new(SourceState::new(store));
    if arguments.control.is_some() {
        return under_control(listener, address, state, stop).await;
    }
    output::note(&format!("source on http://{address}{LIST_PATH}; stop it with Ctrl-C"));
    source::serve(listener, state, stopped(stop)).await;
    Ok(Ending::Done)
}

async fn opened(arguments: &Arguments) -> Result<RouteStore, Failure> {
    let access = &arguments.access;
    access.check(&arguments.store)?;
    access.check_trust(&arguments.store)?;
    let mut store = match &arguments.store {
        Locator::Etcd(url, prefix) => {
            access.warn(&arguments.store);
            let etcd = Box::new(etcd(url.clone(), access)?);
            return Ok(RouteStore::Etcd { etcd, prefix: prefix.clone() });
        }
        Locator::Path(path) => RouteStore::File(path.clone()),
        Locator::Http(_) | Locator::Kubernetes(_) => unreachable!("`place` takes no others"),
    };
    // A file that holds no routes is reported before the first request asks for them.
    let unread = |error| Failure::environment(error).with_help(WHAT_TO_GIVE);
    let routes = store.read().await.map_err(unread)?;
    source::list(&routes, None).map_err(Failure::environment)?;
    Ok(store)
}

fn etcd(url: wire::url::Url, access: &AccessFlags) -> Result<Etcd, Failure> {
    let timeout = Some(ETCD_TIMEOUT);
    let settings = JsonSettings { timeout, tls: access.tls(), ..JsonSettings::default() };
    let refused = |error| Failure::input(format!("--store: {error}"), access::help(&error));
    Etcd::new(url, settings, access.login()).map_err(refused)
}

async fn under_control(
    listener: TcpListener,
    address: SocketAddr,
    state: Arc<SourceState>,
    stop: watch::Receiver<bool>,
) -> Result<Ending, Failure> {
    let (orders, reports) = serving::begin(address).await?;
    let serving = source::serve(listener, Arc::clone(&state), std::future::pending());
    tokio::select! {
        () = serving => {}
        // A broken stream ends the orders as well as their end does.
        _ = source::obey(orders, reports, state) => {}
        () = stopped(stop) => {}
    }
    serving::end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_lie_in_a_file_or_below_a_prefix() {
        assert!(matches!(place("file:a/b"), Ok(Locator::Path(path)) if path.ends_with("a/b")));
        for (text, folder) in [
            ("etcd://localhost:2379/routes/", "/routes/"),
            ("etcd://localhost:2379/routes", "/routes/"),
            ("etcd://localhost:2379", "/"),
            ("etcd://localhost", "/"),
        ] {
            let etcd = place(text);
            assert!(
                matches!(etcd, Ok(Locator::Etcd(url, prefix))
                if url.port == 2_379 && prefix == folder),
                "{text}"
            );
        }
        for bad in ["", "a/b", "file:", "etcd://", "http://127.0.0.1:1/"] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }
}
