//! The server at the other end of a run's connections: its addresses, TLS if it is asked for, and the version
//! of HTTP.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use measure::TlsBytes;
use measure::record::FramingBytes;
use wire::tls::Tls;

use super::http2::FramingMeter;
use super::stream::TlsMeter;

/// Peer of every connection of one run.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) tls: Option<(Arc<Tls>, Arc<TlsMeter>)>,
    /// Most streams of one connection; `None` over HTTP/1.1.
    http2: Option<(NonZeroU32, Arc<FramingMeter>)>,
}

impl Peer {
    pub(crate) fn new(
        addresses: Vec<SocketAddr>,
        tls: Option<Arc<Tls>>,
        http2_streams: Option<NonZeroU32>,
    ) -> Self {
        let http2 = http2_streams.map(|streams| (streams, Arc::default()));
        Self { addresses, tls: tls.map(|tls| (tls, Arc::default())), http2 }
    }

    /// Octets that TLS has added so far; `None` without TLS.
    pub(crate) fn tls_bytes(&self) -> Option<TlsBytes> {
        self.tls.as_ref().map(|(_, meter)| meter.overhead())
    }

    /// Octets that framing has added so far to those of HTTP, which are given; `None` over HTTP/1.1.
    pub(crate) fn framing_bytes(&self, requests: u64, responses: u64) -> Option<FramingBytes> {
        self.http2.as_ref().map(|(_, meter)| meter.overhead(requests, responses))
    }

    pub(crate) fn is_http2(&self) -> bool {
        self.http2.is_some()
    }

    /// Most polls in flight on one connection.
    pub(crate) fn streams(&self) -> u32 {
        self.http2.as_ref().map_or(1, |(streams, _)| streams.get())
    }

    #[cfg(feature = "http2")]
    pub(super) fn framing(&self) -> Option<&Arc<FramingMeter>> {
        self.http2.as_ref().map(|(_, meter)| meter)
    }

    #[cfg(feature = "http2")]
    pub(super) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }
}
