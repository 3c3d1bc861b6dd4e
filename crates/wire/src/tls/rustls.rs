//! TLS by rustls.

mod verify;

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use self::verify::{AnyCertificate, TrustedOrListed};
use super::{InvalidTls, TlsSettings};
use crate::dial::{DialError, Stream};

/// Client side of TLS to one host.
pub struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    /// Sets TLS up for a host; reads certificates, but connects to nothing.
    pub fn new(host: &str, settings: &TlsSettings) -> Result<Self, InvalidTls> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| InvalidTls::Host)?;
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = if settings.insecure {
            Arc::new(AnyCertificate(Arc::clone(&provider)))
        } else {
            let (roots, listed) = match &settings.ca_file {
                Some(path) => roots_of_file(path)?,
                None => (roots_of_system(), Vec::new()),
            };
            let usual =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
            let usual = usual.build().map_err(|_| InvalidTls::NoRoots)?;
            Arc::new(TrustedOrListed { usual, listed })
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring offers TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols =
            settings.protocols.iter().map(|name| name.as_bytes().into()).collect();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// Encrypts a connection; returns also whether HTTP/2 was negotiated.
    pub async fn wrap(&self, stream: TcpStream) -> Result<(Box<dyn Stream>, bool), DialError> {
        let connected = self.connector.connect(self.name.clone(), stream).await;
        let stream = connected.map_err(|error| DialError::Tls(explained(&error)))?;
        // Without ALPN in the answer the server speaks HTTP/1.1.
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((Box::new(stream), is_http2))
    }
}

fn roots_of_system() -> RootCertStore {
    // Systems ship certificates that webpki does not read; the others still serve.
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// The certificates of a file, as roots and as they are.
fn roots_of_file(path: &Path) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), InvalidTls> {
    let invalid = |why: String| InvalidTls::Certificates(path.display().to_string(), why);
    let listed: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let listed = listed.map_err(|error| {
        invalid(match error {
            pem::Error::Io(error) => error.to_string(),
            _ => "it is not in PEM form".to_owned(),
        })
    })?;
    let mut roots = RootCertStore::empty();
    for certificate in &listed {
        let added = roots.add(certificate.clone());
        added.map_err(|_| invalid("one of them is damaged".to_owned()))?;
    }
    if listed.is_empty() { Err(invalid("it holds none".to_owned())) } else { Ok((roots, listed)) }
}

/// A failed handshake in words of our own: those of rustls hold names of its types, and names from
/// the server's certificate.
fn explained(error: &std::io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(reason)) => {
            format!("the server's certificate {}", flaw(reason))
        }
        Some(rustls::Error::InvalidMessage(_)) => "the server does not speak TLS".to_owned(),
        Some(rustls::Error::NoApplicationProtocol) => {
            "the server offers none of the versions of HTTP that were asked for".to_owned()
        }
        Some(rustls::Error::AlertReceived(alert)) => {
            format!("the server refused the handshake (alert {})", u8::from(*alert))
        }
        Some(_) => "the handshake failed".to_owned(),
        None => error.to_string(),
    }
}

fn flaw(reason: &CertificateError) -> &'static str {
    use CertificateError as Flaw;
    match reason {
        Flaw::Expired | Flaw::ExpiredContext { .. } => "has expired",
        Flaw::NotValidYet | Flaw::NotValidYetContext { .. } => "is not valid yet",
        Flaw::NotValidForName | Flaw::NotValidForNameContext { .. } => "is for another name",
        Flaw::UnknownIssuer => "is signed by an authority that is not trusted",
        Flaw::Revoked => "has been revoked",
        Flaw::BadSignature => "has a wrong signature",
        Flaw::InvalidPurpose | Flaw::InvalidPurposeContext { .. } => "is not one for servers",
        Flaw::Other(_) => "cannot serve as that of a server",
        _ => "cannot be verified",
    }
}

#[cfg(test)]
mod tests;
