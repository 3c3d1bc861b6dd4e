//! TLS in a program that was built without it.

use std::convert::Infallible;
use std::io;

use tokio::net::TcpStream;
use wire::tls::{IdentityFiles, InvalidTls};

/// Server side of TLS, which cannot be made.
pub struct ServerTls(Infallible);

impl ServerTls {
    /// Reports that this program has no TLS.
    pub fn new(_: IdentityFiles) -> Result<Self, InvalidTls> {
        Err(InvalidTls::Unsupported)
    }

    #[expect(clippy::unused_async, reason = "its counterpart waits for the handshake")]
    pub(crate) async fn accept(&self, _: TcpStream) -> io::Result<TcpStream> {
        match self.0 {}
    }
}
