//! HTTP/2 in a program that was built without it: it is refused before anything is polled.

use std::convert::Infallible;
use std::rc::Rc;
use std::time::Instant;

use measure::record::FramingBytes;
use measure::{ErrorReason, ExchangeBytes};

use crate::connection::{BufferedResponse, Peer, PollConnection};

/// Place of a connection, of which there is none.
#[derive(Debug)]
pub(crate) struct Socket(Infallible);

impl Socket {
    /// None of them.
    pub(crate) fn several(_: u32) -> Vec<Rc<Self>> {
        Vec::new()
    }

    /// Ends the connection.
    pub(crate) fn close(&self) {
        match self.0 {}
    }
}

/// Counts of nothing.
#[derive(Debug, Default)]
pub(crate) struct FramingMeter;

impl FramingMeter {
    /// Octets beyond those of HTTP.
    #[expect(clippy::unused_self, reason = "its counterpart has counts")]
    pub(crate) fn overhead(&self, _: u64, _: u64) -> FramingBytes {
        FramingBytes::default()
    }
}

impl PollConnection {
    /// Sends a request over a shared connection.
    #[expect(clippy::unused_async, reason = "its counterpart waits for the response")]
    pub(in crate::connection) async fn exchange_on_stream(
        &mut self,
        socket: &Rc<Socket>,
        _: &Peer,
        _: &[u8],
        _: Instant,
    ) -> (Result<BufferedResponse, ErrorReason>, ExchangeBytes) {
        match socket.0 {}
    }
}
