//! The sockets of one connection through the relay, from end to end.

use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};

/// Who does what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Sends requests, waits for responses.
    Generator,
    /// Passes on whatever comes.
    Relay,
    /// Answers.
    Echo,
}

/// Two connections, and whose the ends are.
#[derive(Debug)]
pub(super) struct Wiring {
    pub(super) generator: mio::net::TcpStream,
    pub(super) relay_front: mio::net::TcpStream,
    pub(super) relay_back: mio::net::TcpStream,
    pub(super) echo: mio::net::TcpStream,
}

impl Wiring {
    /// New connections on loopback.
    pub(super) fn new() -> io::Result<Self> {
        let (generator, relay_front) = connection()?;
        let (relay_back, echo) = connection()?;
        Ok(Self { generator, relay_front, relay_back, echo })
    }
}

fn connection() -> io::Result<(mio::net::TcpStream, mio::net::TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let near = TcpStream::connect(listener.local_addr()?)?;
    let (far, _) = listener.accept()?;
    Ok((ready(near)?, ready(far)?))
}

fn ready(stream: TcpStream) -> io::Result<mio::net::TcpStream> {
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    Ok(mio::net::TcpStream::from_std(stream))
}
