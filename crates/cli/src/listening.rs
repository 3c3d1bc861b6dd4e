//! Listening sockets: bound first, so that the address can be reported, and open when the server is ready.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::{TcpListener, TcpSocket};

use crate::exit::Failure;

/// Connections that may wait to be accepted: a fleet may come at once.
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
    bound().with_context(|| format!("cannot listen on {address}")).map_err(Failure::Environment)
}

/// Accepts connections.
pub(crate) fn open(socket: TcpSocket) -> Result<TcpListener, Failure> {
    socket.listen(BACKLOG).context("cannot listen").map_err(Failure::Environment)
}

/// Both at once, with the address that was taken.
pub(crate) fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let socket = bind(address)?;
    let address = socket.local_addr().map_err(Failure::environment)?;
    Ok((open(socket)?, address))
}
