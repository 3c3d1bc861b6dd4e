//! TLS by rustls.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use wire::tls::{IdentityFiles, InvalidTls, certified_key};

/// Server side of TLS.
pub struct ServerTls {
    acceptor: TlsAcceptor,
    identity: Arc<Identity>,
}

impl ServerTls {
    /// Sets TLS up with this certificate. Blocks on the files.
    pub fn new(files: IdentityFiles) -> Result<Self, InvalidTls> {
        let seen = Mutex::new(states(&files));
        let key = RwLock::new(Arc::new(certified_key(&files)?));
        let identity = Arc::new(Identity { files, seen, key });
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring offers TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&identity) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), identity })
    }

    /// Encrypts a connection.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let identity = Arc::clone(&self.identity);
        // A disk that hangs holds this connection up, and nothing else.
        spawn_blocking(move || identity.renew()).await?;
        self.acceptor.accept(stream).await
    }
}

/// The certificate that is shown, and the state of the files at the last attempt to read them.
#[derive(Debug)]
struct Identity {
    files: IdentityFiles,
    seen: Mutex<[Option<FileState>; 2]>,
    key: RwLock<Arc<CertifiedKey>>,
}

/// Device, inode, length, and the times of the content and of the metadata in seconds and nanoseconds.
type FileState = (u64, u64, u64, (i64, i64), (i64, i64));

impl Identity {
    /// Reads the files again if they have changed since the last attempt, good or bad: each change is
    /// logged once.
    fn renew(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = states(&self.files);
        if *seen == now {
            return;
        }
        *seen = now;
        match certified_key(&self.files) {
            Ok(key) => {
                *self.key.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                tracing::info!("the certificate was replaced");
            }
            Err(error) => {
                tracing::warn!(%error, "the certificate is kept: its files cannot be used");
            }
        }
    }
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.key.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn states(files: &IdentityFiles) -> [Option<FileState>; 2] {
    [&files.certificate, &files.key].map(|path| state(path))
}

fn state(path: &Path) -> Option<FileState> {
    let is: Metadata = path.metadata().ok()?;
    let modified = (is.mtime(), is.mtime_nsec());
    Some((is.dev(), is.ino(), is.len(), modified, (is.ctime(), is.ctime_nsec())))
}
