//! Handshakes with a server on the loopback that presents one self-signed certificate.

use std::path::PathBuf;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;

/// A key, and the certificate for `localhost` that `openssl req -x509` makes of it: marked as that
/// of an authority.
fn self_signed() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/tls/rustls/self-signed.pem")
}

/// Result of a handshake with a server that is asked for by this name.
async fn handshake(name: &str, settings: TlsSettings) -> Result<bool, DialError> {
    let certificate = CertificateDer::from_pem_file(self_signed()).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(self_signed()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring offers both versions")
        .with_no_client_auth();
    let mut config = config.with_single_cert(vec![certificate], key).expect("they fit");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let server = async {
        let (stream, _) = listener.accept().await.expect("a client");
        let _refused = TlsAcceptor::from(Arc::new(config)).accept(stream).await;
    };
    let client = async {
        let tls = Tls::new(name, &settings).expect("usable settings");
        tls.wrap(TcpStream::connect(address).await.expect("it listens")).await
    };
    let ((), result) = tokio::join!(server, client);
    result.map(|(_, is_http2)| is_http2)
}

fn trusting() -> TlsSettings {
    TlsSettings { ca_file: Some(self_signed()), ..TlsSettings::default() }
}

#[tokio::test]
async fn a_listed_certificate_may_be_presented_itself_under_its_own_name_only() {
    assert_eq!(handshake("localhost", trusting()).await, Ok(false));
    let refused = "the server's certificate is for another name".into();
    assert_eq!(handshake("other.example", trusting()).await, Err(DialError::Tls(refused)));
}

#[tokio::test]
async fn without_verification_any_certificate_will_do() {
    let settings = TlsSettings { insecure: true, protocols: vec!["h2"], ..TlsSettings::default() };
    assert_eq!(handshake("other.example", settings).await, Ok(true));
}

#[test]
fn a_file_without_certificates_is_named() {
    let settings =
        |path: &str| TlsSettings { ca_file: Some(path.into()), ..TlsSettings::default() };
    let error = |path: &str| Tls::new("localhost", &settings(path)).err().map(|e| e.to_string());
    let missing = "no certificates in `nowhere.pem`: No such file or directory (os error 2)";
    assert_eq!(error("nowhere.pem").as_deref(), Some(missing));
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let found = error(&here.display().to_string());
    assert!(found.is_some_and(|found| found.ends_with("lib.rs`: it holds none")));
}
