//! TLS settings and the client side of TLS: the system's roots or a file's, or no verification.

#[cfg(feature = "tls")]
mod rustls;

use std::path::PathBuf;

#[cfg(feature = "tls")]
pub use self::rustls::Tls;

/// Certificates to trust and protocols to offer.
#[derive(Clone, Debug, Default)]
pub struct TlsSettings {
    /// PEM file of certificates to trust instead of the system's. A server may present one of them
    /// itself, as self-signed ones do.
    pub ca_file: Option<PathBuf>,
    /// Accepts any certificate.
    pub insecure: bool,
    /// Protocols to offer in ALPN, such as `h2`, in order of preference.
    pub protocols: Vec<&'static str>,
}

/// Reason why TLS cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTls {
    /// A host that no certificate can name.
    #[error("its host cannot stand in a certificate")]
    Host,
    /// A file without certificates.
    #[error("no certificates in `{0}`: {1}")]
    Certificates(String, String),
    /// No certificate to trust, or none of the system's could be read.
    #[error("the system has no certificates: use --cacert")]
    NoRoots,
    /// This program was built without TLS.
    #[error("this program was built without TLS")]
    Unsupported,
}

/// Client side of TLS, which cannot be made: this program was built without it.
#[cfg(not(feature = "tls"))]
pub struct Tls(std::convert::Infallible);

#[cfg(not(feature = "tls"))]
impl Tls {
    /// Reports that this program has no TLS.
    pub fn new(_: &str, _: &TlsSettings) -> Result<Self, InvalidTls> {
        Err(InvalidTls::Unsupported)
    }

    /// Encrypts a connection.
    #[expect(clippy::unused_async, reason = "its counterpart waits for the handshake")]
    pub async fn wrap(
        &self,
        _: tokio::net::TcpStream,
    ) -> Result<(Box<dyn crate::dial::Stream>, bool), crate::dial::DialError> {
        match self.0 {}
    }
}
