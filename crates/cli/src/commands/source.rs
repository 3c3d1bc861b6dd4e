//! `etag-lab source`: a stand-in for the Kubernetes API, by hand or under the control of the harness.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use control_plane::source::{self, Etcd, LIST_PATH, SourceState, Store};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::args::address;
use crate::control::{self, Control};
use crate::exit::{Ending, Failure};
use crate::listening::listen;
use crate::output;
use crate::signals::{stop_signal, stopped};

/// Limit for one question to etcd.
const ETCD_TIMEOUT: Duration = Duration::from_secs(2);

/// What `etag-lab source` accepts.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every request reads the routes anew and is answered with all of them, without a validator: what \
clients of the Kubernetes API poll as long as no proxy stands between. Put one before it with \
`etag-lab coalesce`.

A file holds {\"version\":\"1\",\"routes\":[{\"id\":\"a\",\"zone\":\"z\",\"spec\":{}}]}, in etcd each \
key below the prefix one such route.")]
pub(crate) struct Arguments {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", value_parser = address, default_value = "127.0.0.1:9080")]
    listen: SocketAddr,
    /// Where the routes lie, `file:PATH` or `etcd://HOST:PORT/PREFIX`; see below
    #[arg(long, value_name = "STORE", value_parser = place)]
    store: Place,
    /// Take orders as JSON lines, and end when they end; for the lab's own use
    #[arg(long, value_enum)]
    control: Option<Control>,
}

/// Where routes lie.
#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Etcd(SocketAddr, String),
}

fn place(text: &str) -> Result<Place, String> {
    let expected = "give file:PATH or etcd://127.0.0.1:2379/PREFIX";
    if let Some(path) = text.strip_prefix("file:").filter(|path| !path.is_empty()) {
        return Ok(Place::File(path.into()));
    }
    let rest = text.strip_prefix("etcd://").ok_or(expected)?;
    let (authority, prefix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = authority.replacen("localhost", "127.0.0.1", 1);
    let address = authority.parse().map_err(|_| expected.to_owned())?;
    // A folder, as for `etag-lab coalesce`: what only begins alike is somebody else's.
    let slash = if prefix.ends_with('/') { "" } else { "/" };
    Ok(Place::Etcd(address, format!("{prefix}{slash}")))
}

/// Serves until SIGINT or SIGTERM, or under control until the orders end.
pub(crate) async fn run(arguments: Arguments) -> Result<Ending, Failure> {
    let stop = stop_signal()?;
    let (listener, address) = listen(arguments.listen)?;
    let store = match arguments.store {
        Place::File(path) => Store::File(path),
        Place::Etcd(address, prefix) => {
            Store::Etcd { etcd: Box::new(Etcd::new(address, ETCD_TIMEOUT)), prefix }
        }
    };
    let state = Arc::new(SourceState::new(store));
    if arguments.control.is_some() {
        return under_control(listener, address, state, stop).await;
    }
    output::complain(&format!("source on http://{address}{LIST_PATH}; stop it with Ctrl-C"));
    source::serve(listener, state, stopped(stop)).await.map_err(Failure::environment)?;
    Ok(Ending::Done)
}

async fn under_control(
    listener: TcpListener,
    address: SocketAddr,
    state: Arc<SourceState>,
    stop: watch::Receiver<bool>,
) -> Result<Ending, Failure> {
    let (orders, reports) = control::begin(address).await?;
    let serving = source::serve(listener, Arc::clone(&state), std::future::pending());
    tokio::select! {
        result = serving => result.map_err(Failure::environment)?,
        // A broken stream ends the orders as well as their end does.
        _ = source::obey(orders, reports, state) => {}
        () = stopped(stop) => {}
    }
    control::end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_lie_in_a_file_or_below_a_prefix() {
        assert!(matches!(place("file:a/b"), Ok(Place::File(path)) if path.ends_with("a/b")));
        for (text, folder) in [
            ("etcd://localhost:2379/routes/", "/routes/"),
            ("etcd://localhost:2379/routes", "/routes/"),
            ("etcd://localhost:2379", "/"),
        ] {
            let etcd = place(text);
            assert!(
                matches!(etcd, Ok(Place::Etcd(address, prefix))
                if address.port() == 2_379 && prefix == folder),
                "{text}"
            );
        }
        for bad in ["", "a/b", "file:", "etcd://host", "etcd://", "http://127.0.0.1:1/"] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }
}
