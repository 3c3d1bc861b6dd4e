//! A server's own life: its address, its page of metrics, and `--control stdio`, by which the harness starts and stops it.
//!
//! The messages are those of [`server::stdio`]; orders and reports belong to each server.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::ValueEnum;
use server::metered::MetricsServer;
use server::stdio::{self, Messages, NoReport, Report};
use tokio::io::{BufReader, Stdin, Stdout};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use traffic::Traffic;

use crate::args::address;
use crate::exit::Failure;
use crate::output;
use crate::signals::stopped;

// A fleet may come at once, and a connection that was dropped would be tried again only after a
// second.
const BACKLOG: u32 = 4_096;

/// Takes an address; connections are refused until [`open`].
pub(crate) fn bind(address: SocketAddr) -> Result<TcpSocket, Failure> {
    bind_for("--listen", address)
}

fn bind_for(flag: &str, address: SocketAddr) -> Result<TcpSocket, Failure> {
    let bound = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A replica that is killed and started again must get its address back while old
        // connections linger.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok::<_, std::io::Error>(socket)
    };
    bound().map_err(|error| cannot_listen(flag, address, error))
}

fn cannot_listen(flag: &str, address: SocketAddr, error: std::io::Error) -> Failure {
    use std::io::ErrorKind::{AddrInUse, AddrNotAvailable, PermissionDenied};
    let help = match error.kind() {
        AddrInUse => {
            let port = address.port();
            format!(
                "something listens there already (`ss -ltnp 'sport = :{port}'` shows what): stop \
                 it, or take a free port with {flag} {}",
                SocketAddr::new(address.ip(), 0)
            )
        }
        AddrNotAvailable => "this machine does not have that address: use 127.0.0.1 for this \
                             machine alone, or 0.0.0.0 for the network"
            .to_owned(),
        PermissionDenied => "ports below 1024 need more rights: take one from 1024 up".to_owned(),
        _ => format!("choose another address with {flag}"),
    };
    let error = anyhow::Error::new(error).context(format!("cannot listen on {address}"));
    Failure::Environment(error).with_help(help)
}

pub(crate) fn open(socket: TcpSocket) -> Result<TcpListener, Failure> {
    let address = socket.local_addr().map_err(Failure::environment)?;
    socket.listen(BACKLOG).map_err(|error| cannot_listen("--listen", address, error))
}

/// Both at once, with the address that was taken.
pub(crate) fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let socket = bind(address)?;
    let address = socket.local_addr().map_err(Failure::environment)?;
    Ok((open(socket)?, address))
}

/// A page of metrics at an address of its own.
#[derive(Debug, clap::Args)]
pub(crate) struct MetricsFlags {
    /// Address of a page of counters for Prometheus, at /metrics; port 0 takes a free one
    #[arg(id = "metrics", long = "metrics", value_name = "ADDR", value_parser = address)]
    address: Option<SocketAddr>,
}

impl MetricsFlags {
    /// Serves the counts until `stop`, where an address was given; nothing is counted where not.
    pub(crate) fn serve(
        &self,
        traffic: impl FnOnce() -> Traffic,
        stop: &watch::Receiver<bool>,
    ) -> Result<Option<MetricsPage>, Failure> {
        let Some(address) = self.address else { return Ok(None) };
        let listener = open(bind_for("--metrics", address)?)?;
        let address = listener.local_addr().map_err(Failure::environment)?;
        let traffic = Arc::new(traffic());
        let page = Arc::new(MetricsServer::new(Arc::clone(&traffic)));
        output::note(&format!("metrics on http://{address}/metrics"));
        let serving = tokio::spawn(server::serve(listener, page, stopped(stop.clone())));
        Ok(Some(MetricsPage { traffic, serving }))
    }
}

/// The page, while it is served.
pub(crate) struct MetricsPage {
    pub(crate) traffic: Arc<Traffic>,
    serving: JoinHandle<()>,
}

impl MetricsPage {
    pub(crate) async fn end(self) -> Result<(), Failure> {
        self.serving.await.map_err(Failure::environment)
    }
}

/// The stream from which a server under control reads its orders.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Control {
    /// Orders on standard input, reports on standard output
    Stdio,
}

/// Reports the address; returns the streams for orders and further reports.
pub(crate) async fn begin(
    address: SocketAddr,
) -> Result<(Messages<BufReader<Stdin>>, Stdout), Failure> {
    let mut reports = tokio::io::stdout();
    let ready = Report::<NoReport>::Ready { address };
    stdio::send(&mut reports, &ready).await.map_err(Failure::environment)?;
    Ok((Messages::from(BufReader::new(tokio::io::stdin())), reports))
}

pub(crate) fn end() -> ! {
    // Standard input is read on a thread that cannot be called back.
    std::process::exit(0);
}
