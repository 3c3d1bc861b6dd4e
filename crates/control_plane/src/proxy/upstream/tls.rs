//! TLS by rustls, with the system's roots or those of a file.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::locator::Address;
use super::{InvalidUpstream, Settings, UpstreamError};
use text::excerpt;

/// Makes TLS connections to one host.
pub(super) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl Tls {
    pub(super) fn new(address: &Address, settings: &Settings) -> Result<Self, InvalidUpstream> {
        let invalid =
            |why: String| InvalidUpstream::Tls(excerpt(&address.authority), excerpt(&why));
        let name = ServerName::try_from(address.host.clone())
            .map_err(|_| invalid("its host cannot stand in a certificate".to_owned()))?;
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| invalid(error.to_string()))?
            .with_root_certificates(roots(settings)?)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    pub(super) async fn wrap(
        &self,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, UpstreamError> {
        let connected = self.connector.connect(self.name.clone(), stream).await;
        connected.map_err(|error| UpstreamError::Unreachable(excerpt(&format!("TLS: {error}"))))
    }
}

fn roots(settings: &Settings) -> Result<RootCertStore, InvalidUpstream> {
    let mut roots = RootCertStore::empty();
    let Some(path) = &settings.ca_file else {
        let system = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(system.certs);
        return Ok(roots);
    };
    let name = excerpt(&path.display().to_string());
    let invalid = |why: String| InvalidUpstream::Certificates(name.clone(), excerpt(&why));
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    for certificate in certificates.map_err(|error| invalid(error.to_string()))? {
        roots.add(certificate).map_err(|error| invalid(error.to_string()))?;
    }
    if roots.is_empty() { Err(invalid("it holds none".to_owned())) } else { Ok(roots) }
}
