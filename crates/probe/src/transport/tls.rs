//! TLS by rustls, with the system's roots or a file's, or (when told so) without verification.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::target::{Invalid, Target};
use super::{Protocol, Settings, Stream};
use findings::evidence::Failure;

/// Makes TLS connections to one host.
pub(crate) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    pub(crate) fn new(target: &Target, settings: &Settings) -> Result<Self, Invalid> {
        let unusable = |why| Invalid::Url(target.url.clone(), why);
        let name = ServerName::try_from(target.host.clone())
            .map_err(|_| unusable("its host cannot stand in a certificate"))?;
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|_| unusable("TLS cannot be set up"))?;
        let builder = builder.dangerous();
        let verifier: Arc<dyn ServerCertVerifier> = if settings.insecure {
            Arc::new(AnyCertificate(provider))
        } else {
            let (roots, own) = roots(settings)?;
            let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
            let inner = inner
                .build()
                .map_err(|_| unusable("the system has no certificates: use --cacert"))?;
            Arc::new(Verified { inner, own })
        };
        let mut config = builder.with_custom_certificate_verifier(verifier).with_no_client_auth();
        config.alpn_protocols = match settings.protocol {
            Protocol::Negotiated => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            Protocol::Http1 => vec![b"http/1.1".to_vec()],
            Protocol::Http2 => vec![b"h2".to_vec()],
        };
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// The stream inside, and whether HTTP/2 was negotiated.
    pub(crate) async fn wrap(&self, stream: TcpStream) -> Result<(Box<dyn Stream>, bool), Failure> {
        let connected = self.connector.connect(self.name.clone(), stream).await;
        let stream = connected.map_err(|error| Failure::Tls(error.to_string()))?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((Box::new(stream), is_http2))
    }
}

/// The certificates to trust, and those that the user named himself.
fn roots(settings: &Settings) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), Invalid> {
    let mut roots = RootCertStore::empty();
    let Some(path) = &settings.ca_file else {
        let system = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(system.certs);
        return Ok((roots, Vec::new()));
    };
    let name = findings::shown(path.display().to_string().as_bytes());
    let invalid = |why: String| Invalid::Certificates(name.clone(), why);
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let own = certificates.map_err(|error| invalid(error.to_string()))?;
    for certificate in &own {
        roots.add(certificate.clone()).map_err(|error| invalid(error.to_string()))?;
    }
    if roots.is_empty() { Err(invalid("it holds none".to_owned())) } else { Ok((roots, own)) }
}

/// The usual verification; and a server may show the very certificate that the user named, as
/// self-signed ones do.
#[derive(Debug)]
struct Verified {
    inner: Arc<WebPkiServerVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verified {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let usual = self.inner.verify_server_cert(certificate, chain, name, ocsp, now);
        if usual.is_ok() || !self.own.contains(certificate) {
            return usual;
        }
        verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Accepts every certificate: for `--insecure` alone. Signatures are still checked.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
