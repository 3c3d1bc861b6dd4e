//! Opens connections: names, proxies, TLS, and the version of HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::proxy::Proxy;
use super::target::{Invalid, Route, Target, Via};
use super::tls::Tls;
use super::{Open, Protocol, Settings, Stream, h1, h2};
use findings::evidence::Failure;

/// Time for one of several addresses of a name before the next is tried.
const EACH_ADDRESS: Duration = Duration::from_secs(3);

/// Opens connections to one target.
pub(crate) struct Dialer {
    tls: Option<Tls>,
    host: String,
    port: u16,
    protocol: Protocol,
}

impl Dialer {
    pub(crate) fn new(target: &Target, settings: &Settings) -> Result<Self, Invalid> {
        let tls = if target.is_tls { Some(Tls::new(target, settings)?) } else { None };
        let (host, port) = (target.host.clone(), target.port);
        Ok(Self { tls, host, port, protocol: settings.protocol })
    }

    pub(crate) async fn open(&self, route: &Route) -> Result<Open, Failure> {
        let stream = self.first(&route.via).await?;
        let Some(tls) = &self.tls else {
            return self.with_version(Box::new(stream), self.protocol == Protocol::Http2).await;
        };
        let (stream, is_http2) = tls.wrap(stream).await?;
        self.with_version(stream, is_http2).await
    }

    async fn with_version(&self, stream: Box<dyn Stream>, http2: bool) -> Result<Open, Failure> {
        if http2 {
            return h2::Connection::new(stream).await.map(Open::Http2);
        }
        if self.protocol == Protocol::Http2 {
            return Err(Failure::Tls("the server does not offer HTTP/2".to_owned()));
        }
        Ok(Open::Http1(h1::Connection::new(stream)))
    }

    async fn first(&self, via: &Via) -> Result<TcpStream, Failure> {
        match via {
            Via::Address(address) => connect(&[*address]).await,
            Via::Name(host, port) => connect(&resolve(host, *port).await?).await,
            Via::Proxy(proxy) => {
                let stream = connect(&resolve(&proxy.host, proxy.port).await?).await?;
                if self.tls.is_some() { self.tunnel(stream, proxy).await } else { Ok(stream) }
            }
        }
    }

    /// Asks a proxy for a way through (RFC 9110 §9.3.6).
    async fn tunnel(&self, stream: TcpStream, proxy: &Proxy) -> Result<TcpStream, Failure> {
        let mut stream = stream;
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let authority = format!("{host}:{}", self.port);
        let credentials = proxy.authorization.as_ref();
        let credentials = credentials
            .map(|value| format!("Proxy-Authorization: {value}\r\n"))
            .unwrap_or_default();
        let request =
            format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{credentials}\r\n");
        let unusable = |what: &str| Failure::Unreachable(format!("proxy: {what}"));
        stream.write_all(request.as_bytes()).await.map_err(|error| unusable(&error.to_string()))?;
        // One byte at a time: what follows the head belongs to TLS.
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = stream.read_u8().await.map_err(|_| unusable("it closed the connection"))?;
            head.push(byte);
            if head.len() > 16 * 1024 {
                return Err(unusable("its answer does not end"));
            }
        }
        let status = head.split(|&byte| byte == b' ').nth(1).unwrap_or_default();
        if !status.starts_with(b"2") {
            let status = String::from_utf8_lossy(status).into_owned();
            return Err(unusable(&format!("it answered {status}")));
        }
        Ok(stream)
    }
}

/// The addresses of a name, in the order of the resolver.
pub(crate) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let found = tokio::net::lookup_host((host, port)).await;
    let addresses: Vec<_> = found
        .map_err(|error| {
            Failure::Unreachable(format!("{}: {error}", findings::shown(host.as_bytes())))
        })?
        .collect();
    if addresses.is_empty() {
        return Err(Failure::Unreachable("the name has no address".to_owned()));
    }
    Ok(addresses)
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Failure> {
    let mut problem = Failure::TimedOut;
    for address in addresses {
        match tokio::time::timeout(EACH_ADDRESS, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Small requests go out at once; a failure to say so costs time only.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => problem = Failure::Unreachable(format!("{address}: {error}")),
            Err(_) => problem = Failure::Unreachable(format!("{address}: no answer")),
        }
    }
    Err(problem)
}
