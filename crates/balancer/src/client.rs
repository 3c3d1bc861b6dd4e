//! A client of the balancer: its connection, with everything that an exchange with it needs.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::clock::Clock;
use crate::recoding::EdgeRequest;
use crate::rooms::Rooms;
use crate::settings::Limits;
use crate::wire::{Reply, write_reply};

/// A number for an address.
fn number_of(address: IpAddr) -> u64 {
    // An IPv4 client keeps its number on a dual-stack socket.
    match address.to_canonical() {
        IpAddr::V4(v4) => u64::from(v4.to_bits()),
        IpAddr::V6(v6) => (v6.to_bits() >> 64) as u64 ^ v6.to_bits() as u64,
    }
}

/// Room for content under way, in either direction.
pub(crate) const CONTENT_BYTES: usize = 64 * 1024;

/// Bytes that a refused client may still send before its connection is closed.
const LINGER_BYTES: usize = 1024 * 1024;
const LINGER: Duration = Duration::from_secs(1);

pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    /// Without room while the connection rests.
    pub(crate) rooms: Rooms,
    /// The current request, as the edge needs it; `None` without an edge.
    pub(crate) asked: Option<EdgeRequest>,
    /// True if the current request asks for a 304; looked at only where answers are counted.
    pub(crate) is_conditional: bool,
    pub(crate) clock: Clock,
    pub(crate) number: u64,
    /// Stands for a client that does not name itself.
    pub(crate) peer: u64,
    /// Address of the balancer that the client connected to.
    pub(crate) local: SocketAddr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Request,
    Close,
    /// It closes once the client had a chance to read what was sent: it may still be sending, and
    /// a reset would take the answer from it.
    Linger,
}

impl Client {
    pub(crate) fn new(
        stream: TcpStream,
        peer: SocketAddr,
        number: u64,
        limits: &Limits,
    ) -> io::Result<Self> {
        // Each message is one write: waiting to fill a segment would only delay it.
        stream.set_nodelay(true)?;
        Ok(Self {
            local: stream.local_addr()?,
            stream,
            rooms: Rooms::none(),
            asked: None,
            is_conditional: false,
            clock: Clock::new(limits.request_head),
            number,
            peer: number_of(peer.ip()),
        })
    }

    /// Sends a response of the balancer's own; `keep_alive` says whether the client may go on.
    pub(crate) async fn answer(&mut self, reply: Reply, head: bool, keep_alive: bool) -> Next {
        let text = &mut self.rooms.reply;
        text.clear();
        write_reply(text, reply, head, !keep_alive);
        let sending = self.stream.write_all(text);
        match self.clock.within(LINGER, sending).await {
            Some(Ok(())) if keep_alive => Next::Request,
            Some(Ok(())) => Next::Linger,
            _ => Next::Close,
        }
    }

    pub(crate) async fn end(mut self, next: Next) {
        match next {
            Next::Request | Next::Close => {}
            Next::Linger => self.linger().await,
        }
    }

    async fn linger(&mut self) {
        let Self { stream, clock, .. } = self;
        let drain = async {
            // Closing with unread bytes resets the connection and takes the response from the
            // client (RFC 9112 §9.6), so they are read first.
            stream.shutdown().await?;
            let mut ignored = 0;
            let mut scrap = [0; 1024];
            while ignored < LINGER_BYTES {
                match stream.read(&mut scrap).await? {
                    0 => break,
                    count => ignored += count,
                }
            }
            io::Result::Ok(())
        };
        // However it ends, the connection is closed next.
        let _ = clock.within(LINGER, drain).await;
    }
}
