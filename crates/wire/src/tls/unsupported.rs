//! TLS in a program that was built without it: every use of it is refused.

use std::borrow::Cow;

use super::{InvalidTls, TlsSettings};
use crate::dial::{DialError, Stream};
use crate::url::Url;

/// Client side of TLS, which cannot be made.
#[derive(Debug)]
pub struct Tls(std::convert::Infallible);

impl Tls {
    /// Reports that this program has no TLS where a URL or a file asks for it.
    pub fn to(url: &Url, settings: &TlsSettings) -> Result<Option<Self>, InvalidTls> {
        let is_asked = url.is_tls || settings.ca_file.is_some() || settings.identity.is_some();
        if is_asked { Err(InvalidTls::Unsupported) } else { Ok(None) }
    }

    /// Encrypts a connection.
    #[expect(clippy::unused_async, reason = "its counterpart waits for the handshake")]
    pub async fn wrap(
        &self,
        _: impl Stream + 'static,
    ) -> Result<(Box<dyn Stream>, bool), DialError> {
        match self.0 {}
    }
}

/// Nothing that was read or written came through TLS.
pub fn refusal(_: &std::io::Error) -> Option<Cow<'static, str>> {
    None
}
