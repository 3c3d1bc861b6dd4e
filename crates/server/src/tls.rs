//! TLS towards clients, with a certificate that may be replaced while it is in use.
//!
//! The files are looked at for each connection, and read when they have changed: whoever rotates
//! certificates need not tell anybody. Files that are no good leave the certificate that was read
//! before. Asks clients for no certificate.

#[cfg(feature = "tls")]
mod rustls;
#[cfg(not(feature = "tls"))]
mod unsupported;

#[cfg(feature = "tls")]
pub use self::rustls::ServerTls;
#[cfg(not(feature = "tls"))]
pub use self::unsupported::ServerTls;
