//! A server's own life: its address, and `--control stdio`, by which the harness starts and stops it.
//!
//! The messages are those of [`server::stdio`]; orders and reports belong to each server.

use std::net::SocketAddr;

use clap::ValueEnum;
use server::stdio::{self, Messages, NoReport, Report};
use tokio::io::{BufReader, Stdin, Stdout};
use tokio::net::{TcpListener, TcpSocket};

use crate::exit::Failure;

// A fleet may come at once, and a connection that was dropped would be tried again only after a
// second.
const BACKLOG: u32 = 4_096;

/// Takes an address; connections are refused until [`open`].
pub(crate) fn bind(address: SocketAddr) -> Result<TcpSocket, Failure> {
    let bound = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A replica that is killed and started again must get its address back while old
        // connections linger.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok::<_, std::io::Error>(socket)
    };
    bound().map_err(|error| cannot_listen(address, error))
}

fn cannot_listen(address: SocketAddr, error: std::io::Error) -> Failure {
    use std::io::ErrorKind::{AddrInUse, AddrNotAvailable, PermissionDenied};
    let help = match error.kind() {
        AddrInUse => {
            let port = address.port();
            format!(
                "something listens there already (`ss -ltnp 'sport = :{port}'` shows what): stop \
                 it, or take a free port with --listen {}",
                SocketAddr::new(address.ip(), 0)
            )
        }
        AddrNotAvailable => "this machine does not have that address: use 127.0.0.1 for this \
                             machine alone, or 0.0.0.0 for the network"
            .to_owned(),
        PermissionDenied => "ports below 1024 need more rights: take one from 1024 up".to_owned(),
        _ => "choose another address with --listen".to_owned(),
    };
    let error = anyhow::Error::new(error).context(format!("cannot listen on {address}"));
    Failure::Environment(error).with_help(help)
}

pub(crate) fn open(socket: TcpSocket) -> Result<TcpListener, Failure> {
    let address = socket.local_addr().map_err(Failure::environment)?;
    socket.listen(BACKLOG).map_err(|error| cannot_listen(address, error))
}

/// Both at once, with the address that was taken.
pub(crate) fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let socket = bind(address)?;
    let address = socket.local_addr().map_err(Failure::environment)?;
    Ok((open(socket)?, address))
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
