//! TLS by rustls.

use std::borrow::Cow;
use std::fmt;
use std::io::ErrorKind::{ConnectionReset, UnexpectedEof};
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme,
};
use system::file;
use tokio_rustls::TlsConnector;

use super::{IdentityFiles, InvalidTls, TlsSettings};
use crate::dial::{DialError, Stream};
use crate::url::Url;

/// Client side of TLS to one host.
pub struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    /// Sets TLS up for the server of a URL; `None` where it is asked without. Reads the files either
    /// way: one that is missing is a mistake, whatever the URL.
    pub fn to(url: &Url, settings: &TlsSettings) -> Result<Option<Self>, InvalidTls> {
        if url.is_tls {
            return Self::new(&url.host, settings).map(Some);
        }
        settings.ca_file.as_deref().map(roots_of_file).transpose()?;
        settings.identity.as_ref().map(certified_key).transpose()?;
        Ok(None)
    }

    /// Sets TLS up for a host; reads certificates, but connects to nothing.
    fn new(host: &str, settings: &TlsSettings) -> Result<Self, InvalidTls> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| InvalidTls::Host)?;
        let provider = Arc::new(ring::default_provider());
        let trusted = if settings.insecure {
            None
        } else {
            let (mut roots, mut listed) = (RootCertStore::empty(), Vec::new());
            if let Some(path) = &settings.ca_file {
                (roots, listed) = roots_of_file(path)?;
            } else {
                // Systems ship certificates that webpki does not read; the others still serve.
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            let usual =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
            Some((usual.build().map_err(|_| InvalidTls::NoRoots)?, listed))
        };
        let verifier = Arc::new(CertificateVerifier { trusted, provider: Arc::clone(&provider) });
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring offers TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match &settings.identity {
            Some(files) => {
                let shown = SingleCertAndKey::from(certified_key(files)?);
                config.with_client_cert_resolver(Arc::new(shown))
            }
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols =
            settings.protocols.iter().map(|name| name.as_bytes().into()).collect();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// Encrypts a connection; returns also whether HTTP/2 was negotiated.
    pub async fn wrap(
        &self,
        stream: impl Stream + 'static,
    ) -> Result<(Box<dyn Stream>, bool), DialError> {
        let connected = self.connector.connect(self.name.clone(), stream).await;
        let stream = connected.map_err(|error| DialError::Tls(explained(&error)))?;
        // Without ALPN in the answer the server speaks HTTP/1.1.
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((Box::new(stream), is_http2))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Verifies the certificate of a server: by the trusted roots, by being on a list, or not at all.
#[derive(Debug)]
struct CertificateVerifier {
    /// The roots, and the very certificates that the user listed; `None` accepts every certificate.
    trusted: Option<(Arc<WebPkiServerVerifier>, Vec<CertificateDer<'static>>)>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for CertificateVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some((usual, listed)) = &self.trusted else {
            return Ok(ServerCertVerified::assertion());
        };
        let usual = usual.verify_server_cert(certificate, chain, name, ocsp, now);
        if usual.is_ok() || !listed.contains(certificate) {
            return usual;
        }
        // openssl marks a self-signed certificate as an authority, which webpki refuses as that of
        // a server. The user named this very one: its name is all there is left to check.
        verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
        Ok(ServerCertVerified::assertion())
    }

    // Signatures of the handshake are checked even where any certificate will do: else the server
    // would not even have to own the one that it shows.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// The certificates of a file, as roots and as they are.
fn roots_of_file(path: &Path) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), InvalidTls> {
    let invalid = |why: String| InvalidTls::Certificates(path.display().to_string(), why);
    let listed = certificates(path)?;
    let mut roots = RootCertStore::empty();
    for certificate in &listed {
        let added = roots.add(certificate.clone());
        added.map_err(|_| invalid("one of them is damaged".to_owned()))?;
    }
    Ok((roots, listed))
}

/// The certificates of a file, at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, InvalidTls> {
    let invalid = |why: String| InvalidTls::Certificates(path.display().to_string(), why);
    let text = file::read(path, file::CERTIFICATES).map_err(|error| invalid(error.reason()))?;
    let listed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let listed = listed.map_err(|_| invalid("it is not in PEM form".to_owned()))?;
    if listed.is_empty() { Err(invalid("it holds none".to_owned())) } else { Ok(listed) }
}

/// Reads a certificate and its key, which are a pair. Blocks on the files.
pub fn certified_key(files: &IdentityFiles) -> Result<CertifiedKey, InvalidTls> {
    let shown = |path: &Path| path.display().to_string();
    let chain = certificates(&files.certificate)?;
    let invalid = |why: String| InvalidTls::Key(shown(&files.key), why);
    let text = file::read(&files.key, file::SMALL).map_err(|error| invalid(error.reason()))?;
    let key = PrivateKeyDer::from_pem_slice(&text);
    // The parser's own words might quote the key.
    let key = key.map_err(|_| invalid("it holds none in PEM form".to_owned()))?;
    CertifiedKey::from_der(chain, key, &ring::default_provider()).map_err(|error| match error {
        Error::InconsistentKeys(_) => {
            InvalidTls::Pair(shown(&files.certificate), shown(&files.key))
        }
        Error::InvalidCertificate(_) => InvalidTls::Certificates(
            shown(&files.certificate),
            "the first of them is damaged".to_owned(),
        ),
        _ => invalid("its kind is not supported, or it is damaged".to_owned()),
    })
}

/// The reason why a server ended an encrypted connection, where it was not content with its client.
pub fn refusal(error: &std::io::Error) -> Option<Cow<'static, str>> {
    error.get_ref()?.downcast_ref::<Error>().map(|_| explained(error))
}

/// A failed handshake in words of our own: those of rustls hold names of its types, and names from
/// the server's certificate.
fn explained(error: &std::io::Error) -> Cow<'static, str> {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let text = match inner {
        Some(Error::InvalidCertificate(reason)) => {
            return flaw(reason).into();
        }
        Some(Error::InvalidMessage(_)) => "the server does not speak TLS",
        Some(
            Error::NoApplicationProtocol
            | Error::AlertReceived(AlertDescription::NoApplicationProtocol),
        ) => "the server offers none of the versions of HTTP that were asked for",
        Some(Error::AlertReceived(AlertDescription::CertificateRequired)) => {
            "the server asks for a client certificate"
        }
        Some(Error::AlertReceived(
            AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::UnknownCA,
        )) => "the server does not accept the client certificate, or asks for one",
        Some(Error::AlertReceived(AlertDescription::UnrecognisedName)) => {
            "the server serves no such host name"
        }
        Some(
            Error::PeerIncompatible(_) | Error::AlertReceived(AlertDescription::ProtocolVersion),
        ) => "the server shares no version of TLS with this program",
        // TLS 1.2 has one alert for both.
        Some(Error::AlertReceived(AlertDescription::HandshakeFailure)) => {
            "the server shares no cipher with this program, or asks for a client certificate"
        }
        Some(Error::AlertReceived(alert)) => {
            return format!("the server refused the handshake (alert {})", u8::from(*alert)).into();
        }
        Some(_) => "the handshake failed",
        None if matches!(error.kind(), UnexpectedEof | ConnectionReset) => {
            "the server closed the connection during the handshake"
        }
        None => return error.to_string().into(),
    };
    text.into()
}

fn flaw(reason: &CertificateError) -> &'static str {
    use CertificateError as Flaw;
    match reason {
        Flaw::Expired | Flaw::ExpiredContext { .. } => "the server's certificate has expired",
        Flaw::NotValidYet | Flaw::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet"
        }
        Flaw::NotValidForName | Flaw::NotValidForNameContext { .. } => {
            "the server's certificate is for another name"
        }
        Flaw::UnknownIssuer => {
            "the server's certificate is signed by an authority that is not trusted"
        }
        Flaw::Revoked => "the server's certificate has been revoked",
        Flaw::BadSignature => "the server's certificate has a wrong signature",
        Flaw::InvalidPurpose | Flaw::InvalidPurposeContext { .. } => {
            "the server's certificate is not one for servers"
        }
        // The one case without a variant of its own that is common.
        Flaw::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "the server's certificate is self-signed, or that of an authority"
        }
        _ => "the server's certificate cannot be verified",
    }
}

#[cfg(test)]
mod tests;
