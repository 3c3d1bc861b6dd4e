//! The server at the other end of a run's connections: its addresses, and TLS if it is asked for.

use std::net::SocketAddr;
use std::sync::Arc;

use measure::TlsBytes;
use wire::tls::Tls;

use super::stream::TlsMeter;

/// Peer of every connection of one run.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) tls: Option<(Arc<Tls>, Arc<TlsMeter>)>,
}

impl Peer {
    pub(crate) fn new(addresses: Vec<SocketAddr>, tls: Option<Arc<Tls>>) -> Self {
        Self { addresses, tls: tls.map(|tls| (tls, Arc::default())) }
    }

    /// Octets that TLS has added so far; `None` without TLS.
    pub(crate) fn tls_bytes(&self) -> Option<TlsBytes> {
        self.tls.as_ref().map(|(_, meter)| meter.overhead())
    }
}
