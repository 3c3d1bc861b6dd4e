//! `etag-lab source`: a stand-in for the Kubernetes API, by hand or under the control of the harness.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use control_plane::etcd::Etcd;
use control_plane::proxy::upstream::Locator;
use control_plane::source::{self, LIST_PATH, RouteStore, SourceState};
use system::file;
use tokio::net::TcpListener;
use tokio::sync::watch;
use wire::json::JsonSettings;
use wire::url::Url;

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
    store: StoreArgument,
    /// Read orders as JSON lines and stop at their end; for the lab's own use
    #[arg(long, value_enum)]
    control: Option<Control>,
}

#[derive(Clone, Debug)]
enum StoreArgument {
    File(PathBuf),
    Etcd(Url, String),
}

fn place(text: &str) -> Result<StoreArgument, String> {
    match Locator::parse(text) {
        Ok(Locator::Path(path)) if text.starts_with("file:") => Ok(StoreArgument::File(path)),
        Ok(Locator::Etcd(url, prefix)) => Ok(StoreArgument::Etcd(url, prefix)),
        _ => Err("give file:PATH or etcd://127.0.0.1:2379/PREFIX".to_owned()),
    }
}

/// Serves until a signal says so, or under control until the orders end.
pub(crate) async fn run(arguments: Arguments) -> Result<Ending, Failure> {
    if let StoreArgument::File(path) = &arguments.store {
        // A file that cannot be read is reported before the first request asks for it.
        file::read(path, file::CONTENT).map_err(Failure::environment)?;
    }
    let stop = stop_signal()?;
    let (listener, address) = listen(arguments.listen)?;
    let store = match arguments.store {
        StoreArgument::File(path) => RouteStore::File(path),
        StoreArgument::Etcd(url, prefix) => {
            let settings = JsonSettings { timeout: Some(ETCD_TIMEOUT), ..JsonSettings::default() };
            let etcd = Etcd::new(url, settings).map_err(Failure::environment)?;
            RouteStore::Etcd { etcd: Box::new(etcd), prefix }
        }
    };
    let state = Arc::new(SourceState::new(store));
    if arguments.control.is_some() {
        return under_control(listener, address, state, stop).await;
    }
    output::note(&format!("source on http://{address}{LIST_PATH}; stop it with Ctrl-C"));
    source::serve(listener, state, stopped(stop)).await;
    Ok(Ending::Done)
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
        assert!(
            matches!(place("file:a/b"), Ok(StoreArgument::File(path)) if path.ends_with("a/b"))
        );
        for (text, folder) in [
            ("etcd://localhost:2379/routes/", "/routes/"),
            ("etcd://localhost:2379/routes", "/routes/"),
            ("etcd://localhost:2379", "/"),
            ("etcd://localhost", "/"),
        ] {
            let etcd = place(text);
            assert!(
                matches!(etcd, Ok(StoreArgument::Etcd(url, prefix))
                if url.port == 2_379 && prefix == folder),
                "{text}"
            );
        }
        for bad in ["", "a/b", "file:", "etcd://", "http://127.0.0.1:1/"] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }
}
