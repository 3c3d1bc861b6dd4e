//! TLS settings and the client side of TLS: the system's roots or a file's, or no verification, and a
//! certificate of one's own for servers that ask for one.

#[cfg(feature = "tls")]
mod rustls;
#[cfg(not(feature = "tls"))]
mod unsupported;

use std::path::PathBuf;

#[cfg(feature = "tls")]
pub use self::rustls::{Tls, certified_key, refusal};
#[cfg(not(feature = "tls"))]
pub use self::unsupported::{Tls, refusal};

/// Certificates to trust and protocols to offer.
#[derive(Clone, Debug, Default)]
pub struct TlsSettings {
    /// PEM file of certificates to trust instead of the system's. A server may present one of them
    /// itself, as self-signed ones do.
    pub ca_file: Option<PathBuf>,
    /// Certificate to present to servers that ask for one.
    pub identity: Option<IdentityFiles>,
    /// Accepts any certificate.
    pub insecure: bool,
    /// Protocols to offer in ALPN, such as `h2`, in order of preference.
    pub protocols: Vec<&'static str>,
}

/// Files of a certificate and of its private key, in PEM form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityFiles {
    /// The certificate, and after it those that lead from it to an authority.
    pub certificate: PathBuf,
    /// Its key. May be the same file.
    pub key: PathBuf,
}

/// Reason why TLS cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTls {
    /// A host that no certificate can name.
    #[error("its host cannot be named in a certificate")]
    Host,
    /// A file without certificates.
    #[error("no certificates in `{0}`: {1}")]
    Certificates(String, String),
    /// A file without a private key.
    #[error("no private key in `{0}`: {1}")]
    Key(String, String),
    /// A certificate and a key that are not a pair.
    #[error("the key in `{1}` is not that of the certificate in `{0}`")]
    Pair(String, String),
    /// No certificate to trust, or none of the system's could be read.
    #[error("the system has no certificates: use --cacert")]
    NoRoots,
    /// This program was built without TLS.
    #[error("this program was built without TLS")]
    Unsupported,
}
