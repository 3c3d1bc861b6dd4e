//! Flags of connections to a server that `check` and `poll` share.

use std::path::PathBuf;

use wire::tls::{IdentityFiles, TlsSettings};
use wire::url::FixedAddress;

/// Certificates to trust.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TrustFlags {
    /// Trust the certificates in this file instead of the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Accept any certificate
    #[arg(long)]
    pub(crate) insecure: bool,
}

/// Way to a server, and a certificate of one's own.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct WayFlags {
    /// Take this address for a host and port
    #[arg(long, value_name = "HOST:PORT:ADDR", value_parser = fixed_address)]
    resolve: Vec<FixedAddress>,
    #[command(flatten)]
    trust: TrustFlags,
    /// Certificate to present to a server that asks for one
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Private key of --cert
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
}

impl WayFlags {
    pub(crate) fn access(&self) -> client::Access {
        let files = self.cert.clone().zip(self.key.clone());
        let identity = files.map(|(certificate, key)| IdentityFiles { certificate, key });
        let TrustFlags { cacert: ca_file, insecure } = self.trust.clone();
        let tls = TlsSettings { ca_file, insecure, identity, ..TlsSettings::default() };
        client::Access { resolve: self.resolve.clone(), tls, http2_streams: None }
    }
}

fn fixed_address(text: &str) -> Result<FixedAddress, String> {
    let example = "write it as curl does: api.example.com:443:10.0.0.1";
    FixedAddress::parse(text).ok_or_else(|| example.to_owned())
}
