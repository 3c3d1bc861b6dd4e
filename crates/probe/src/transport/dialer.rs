//! Connections to one server: names, proxies, TLS, and the version of HTTP.

use findings::evidence::ExchangeFailure;
use wire::dial::{DialError, Stream, connect, resolve};
use wire::tls::{InvalidTls, Tls, TlsSettings};
use wire::url::Url;

use super::route::{Invalid, ServerRoute, Via, shown};
use super::{OpenConnection, ProtocolChoice, RequestSettings, h1, h2};

/// Opens connections to one server.
pub(crate) struct Dialer {
    tls: Option<Tls>,
    host: String,
    port: u16,
    protocol: ProtocolChoice,
}

impl Dialer {
    pub(crate) fn new(url: &Url, settings: &RequestSettings) -> Result<Self, Invalid> {
        let protocols = match settings.protocol {
            ProtocolChoice::Negotiated => vec!["h2", "http/1.1"],
            ProtocolChoice::Http1 => vec!["http/1.1"],
            ProtocolChoice::Http2 => vec!["h2"],
        };
        let (ca_file, insecure) = (settings.ca_file.clone(), settings.insecure);
        let offered = TlsSettings { ca_file, insecure, protocols, ..TlsSettings::default() };
        let tls = Tls::to(url, &offered).map_err(|error| match error {
            InvalidTls::Certificates(..) => Invalid::Certificates(error),
            error => Invalid::Tls(shown(&url.to_string()), error),
        })?;
        Ok(Self { tls, host: url.host.clone(), port: url.port, protocol: settings.protocol })
    }

    pub(crate) async fn open(
        &self,
        route: &ServerRoute,
    ) -> Result<OpenConnection, ExchangeFailure> {
        let stream = match &route.via {
            Via::Address(address) => connect(&[*address]).await,
            Via::Name(host, port) => {
                let addresses = resolve(host, *port).await.map_err(failure)?;
                connect(&addresses).await
            }
            Via::Proxy(proxy) if self.tls.is_some() => proxy.tunnel(&self.host, self.port).await,
            Via::Proxy(proxy) => proxy.connect().await,
        };
        let stream = stream.map_err(failure)?;
        let (stream, is_http2): (Box<dyn Stream>, bool) = match &self.tls {
            Some(tls) => tls.wrap(stream).await.map_err(failure)?,
            // Without TLS nothing negotiates a version: HTTP/2 is spoken by prior knowledge alone.
            None => (Box::new(stream), self.protocol == ProtocolChoice::Http2),
        };
        if is_http2 {
            return h2::Http2::new(stream).await.map(OpenConnection::Http2);
        }
        if self.protocol == ProtocolChoice::Http2 {
            return Err(ExchangeFailure::Tls("the server does not offer HTTP/2".to_owned()));
        }
        Ok(OpenConnection::Http1(h1::Http1::new(stream)))
    }
}

fn failure(error: DialError) -> ExchangeFailure {
    match error {
        DialError::Unreachable(reason) => ExchangeFailure::Unreachable(text::excerpt(&reason)),
        DialError::Tls(reason) => ExchangeFailure::Tls(reason.into_owned()),
    }
}
