//! The address of the page. A port that is taken is never the end of a lesson.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// Ports that are tried, the first one included.
const MOST: u16 = 100;

/// Listens on this address, or on the next free port above it.
pub(super) fn next_free(address: SocketAddr) -> Result<TcpListener, Error> {
    let ports = (0..MOST).map_while(|step| address.port().checked_add(step));
    let mut refused = Error::from(ErrorKind::AddrInUse);
    for port in ports {
        match bind(SocketAddr::new(address.ip(), port)) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => refused = error,
            bound => return bound,
        }
    }
    Err(refused)
}

// Without SO_REUSEADDR's cousins: two pages on one port would share the visitors.
fn bind(address: SocketAddr) -> Result<TcpListener, Error> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_gives_way_to_the_next_free_one() {
        let taken = next_free(([127, 0, 0, 1], 0).into()).expect("a port is free");
        let address = taken.local_addr().expect("it is bound");
        let next = next_free(address).expect("another one is");
        let next = next.local_addr().expect("it is bound");
        assert!(next.port() > address.port() && next.port() < address.port() + MOST);
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_refused() {
        let elsewhere = next_free(([192, 0, 2, 1], 0).into());
        assert!(elsewhere.is_err_and(|error| error.kind() == ErrorKind::AddrNotAvailable));
    }
}
