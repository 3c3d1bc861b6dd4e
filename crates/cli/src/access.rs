//! Flags that give access to a source of routes: certificates, and a user of etcd.

use std::path::PathBuf;

use control_plane::etcd::Login;
use control_plane::proxy::upstream::Locator;
use wire::tls::{IdentityFiles, InvalidTls, TlsSettings};

use crate::clear_text;
use crate::exit::Failure;

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Access to the source")]
pub(crate) struct AccessFlags {
    /// Certificates to trust instead of the system's, for https
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Certificate to present, for https; read again for each connection
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Private key of --cert
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// User to log in to etcd as
    #[arg(long, value_name = "NAME", requires = "password_file")]
    user: Option<String>,
    /// File whose first line is the password of --user; read again for each login
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
}

impl AccessFlags {
    /// Refuses flags that this source has no use for, and a file that holds no password.
    pub(crate) fn check(&self, source: &Locator) -> Result<(), Failure> {
        let url = match source {
            Locator::Path(_) => None,
            Locator::Http(url) | Locator::Kubernetes(url) | Locator::Etcd(url, _) => Some(url),
        };
        if self.cert.is_some() && !url.is_some_and(|url| url.is_tls) {
            let help = "give etcd+https://…, k8s+https://… or https://…, or leave it out";
            return Err(Failure::input("--cert is for a source over TLS", help));
        }
        let Some(login) = self.login() else { return Ok(()) };
        if !matches!(source, Locator::Etcd(..)) {
            let help = "leave it out; for other sources there is -H 'Authorization: …'";
            return Err(Failure::input("--user is for etcd", help));
        }
        login.check().map_err(Failure::environment)
    }

    /// Refuses certificates to trust where no server is asked.
    pub(crate) fn check_trust(&self, source: &Locator) -> Result<(), Failure> {
        if self.cacert.is_some() && matches!(source, Locator::Path(_)) {
            let help = "give etcd+https://…, k8s+https://… or https://…, or leave it out";
            return Err(Failure::input("--cacert is for a source over TLS", help));
        }
        Ok(())
    }

    /// Warns of a password that leaves the machine in clear text.
    pub(crate) fn warn(&self, source: &Locator) {
        if let (Some(_), Locator::Etcd(url, _)) = (&self.user, source) {
            clear_text::warn("--user with its password", url, "use etcd+https://");
        }
    }

    /// Certificates for connections to the source.
    pub(crate) fn tls(&self) -> TlsSettings {
        let files = self.cert.clone().zip(self.key.clone());
        let identity = files.map(|(certificate, key)| IdentityFiles { certificate, key });
        TlsSettings { ca_file: self.cacert.clone(), identity, ..TlsSettings::default() }
    }

    /// User of etcd.
    pub(crate) fn login(&self) -> Option<Login> {
        let (user, password_file) = (self.user.clone()?, self.password_file.clone()?);
        Some(Login { user, password_file })
    }
}

/// The way out of trouble with certificates.
pub(crate) fn help(error: &InvalidTls) -> &'static str {
    match error {
        InvalidTls::Certificates(..) | InvalidTls::Key(..) => "give a file in PEM form",
        InvalidTls::Pair(..) => "give the key that the certificate was made with",
        _ => "give --cacert, or a URL without TLS",
    }
}
