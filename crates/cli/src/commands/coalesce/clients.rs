//! Flags about the proxy's own clients: TLS towards them, and tokens that they send.

use std::net::SocketAddr;
use std::path::PathBuf;

use control_plane::proxy::{ClientTokens, ProxyState, RolloutMode};
use server::tls::ServerTls;
use wire::tls::IdentityFiles;

use crate::access;
use crate::exit::Failure;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Clients")]
pub(super) struct ClientFlags {
    /// Serve over TLS with this certificate; read again when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of --tls-cert
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// File of tokens, one a line, of which clients have to send one as a bearer token, except to
    /// /health and /metrics; read again for each poll
    #[arg(long, value_name = "FILE")]
    client_token_file: Option<PathBuf>,
}

impl ClientFlags {
    /// TLS towards clients; `None` where they are served without.
    pub(super) fn tls(&self) -> Result<Option<ServerTls>, Failure> {
        let Some((certificate, key)) = self.tls_cert.clone().zip(self.tls_key.clone()) else {
            return Ok(None);
        };
        let tls = ServerTls::new(IdentityFiles { certificate, key });
        tls.map(Some).map_err(|error| {
            Failure::input(format!("--tls-cert, --tls-key: {error}"), access::help(&error))
        })
    }

    /// The same instance, for clients with a token where they are to have one.
    pub(super) fn admitted_to(&self, proxy: ProxyState) -> Result<ProxyState, Failure> {
        let Some(path) = &self.client_token_file else { return Ok(proxy) };
        let tokens = ClientTokens::read(path).map_err(Failure::environment)?;
        Ok(proxy.for_holders_of(tokens))
    }

    /// The line that says that it runs.
    pub(super) fn announcement(&self, mode: RolloutMode, address: SocketAddr) -> String {
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        let effect = match mode {
            RolloutMode::Off => ", which polls nothing and serves nobody",
            RolloutMode::Pre => ", which compares and serves nobody",
            RolloutMode::Exec => "",
        };
        let mode = mode.as_str();
        format!("coalescer ({mode}) on {scheme}://{address}/routes{effect}; stop it with Ctrl-C")
    }
}
