//! Replaces TLS in a program that was built without it: no value of [`Tls`] exists.

use std::convert::Infallible;

use tokio::net::TcpStream;

use super::{InvalidTls, TlsSettings};
use crate::dial::{DialError, Stream};

/// Client side of TLS, which cannot be made.
pub struct Tls(Infallible);

impl Tls {
    /// Reports that this program has no TLS.
    pub fn new(_: &str, _: &TlsSettings) -> Result<Self, InvalidTls> {
        Err(InvalidTls::Unsupported)
    }

    /// Encrypts a connection.
    #[expect(clippy::unused_async, reason = "its counterpart waits for the handshake")]
    pub async fn wrap(&self, _: TcpStream) -> Result<(Box<dyn Stream>, bool), DialError> {
        match self.0 {}
    }
}
