//! Name resolution and TCP connections.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Time for one of several addresses of a name before the next one is tried.
const EACH_ADDRESS: Duration = Duration::from_secs(3);

/// Any byte stream: TCP, TLS, or either through a proxy.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Reason why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// Name resolution or TCP failed, or a proxy refused.
    #[error("{0}")]
    Unreachable(String),
    /// The TLS handshake or the verification of the server failed.
    #[error("TLS: {0}")]
    Tls(Cow<'static, str>),
}

/// Looks up the addresses of a name, in the resolver's order; at least one.
pub async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, DialError> {
    let failed = |why: &str| DialError::Unreachable(format!("{host}: {why}"));
    let found = tokio::net::lookup_host((host, port)).await;
    let addresses: Vec<_> = found.map_err(|error| failed(&error.to_string()))?.collect();
    if addresses.is_empty() { Err(failed("the name has no address")) } else { Ok(addresses) }
}

/// Connects to the first of these addresses that accepts.
pub async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, DialError> {
    // In the order of the resolver, one after the other: that is the order of preference, and
    // which address answered stays reproducible.
    let mut reason = "no address to connect to".to_owned();
    for address in addresses {
        match tokio::time::timeout(EACH_ADDRESS, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without it a request waits for the acknowledgement of the one before. A failure
                // costs time only.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => reason = format!("{address}: {error}"),
            Err(_) => reason = format!("{address}: no answer"),
        }
    }
    Err(DialError::Unreachable(reason))
}
