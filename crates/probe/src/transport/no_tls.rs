//! Stands where TLS would, in a program that was built without it.

use std::convert::Infallible;

use tokio::net::TcpStream;

use super::target::{Invalid, Target};
use super::{Settings, Stream};
use findings::evidence::Failure;

/// Cannot be made.
pub(crate) struct Tls(Infallible);

impl Tls {
    pub(crate) fn new(target: &Target, _: &Settings) -> Result<Self, Invalid> {
        Err(Invalid::NoTls(target.url.clone()))
    }

    #[expect(clippy::unused_async, reason = "it stands for one that waits")]
    pub(crate) async fn wrap(&self, _: TcpStream) -> Result<(Box<dyn Stream>, bool), Failure> {
        match self.0 {}
    }
}
