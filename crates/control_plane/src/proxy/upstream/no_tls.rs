//! Stands where TLS would, in a program that was built without it.

use std::convert::Infallible;

use tokio::net::TcpStream;

use super::locator::Address;
use super::{InvalidUpstream, Settings, UpstreamError};
use text::excerpt;

/// Cannot be made.
pub(super) struct Tls(Infallible);

impl Tls {
    pub(super) fn new(address: &Address, _: &Settings) -> Result<Self, InvalidUpstream> {
        let why = "this program was built without it".to_owned();
        Err(InvalidUpstream::Tls(excerpt(&address.authority), why))
    }

    #[expect(clippy::unused_async, reason = "it stands for one that waits")]
    pub(super) async fn wrap(&self, _: TcpStream) -> Result<TcpStream, UpstreamError> {
        match self.0 {}
    }
}
