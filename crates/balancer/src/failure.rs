//! The ways in which an attempt at a replica fails, and what the client gets instead.

use crate::wire::{InvalidResponse, Method, Reply, RequestHead};

/// Reason why an attempt brought no response. Nothing of one has been sent to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Not a byte of the request left.
    Unsent,
    /// The replica closed the connection before the head of its response was complete.
    Died,
    /// The head did not come in time.
    TimedOut,
    Invalid(InvalidResponse),
    InvalidContent,
    ClientStalled,
    ClientGone,
}

impl From<InvalidResponse> for Failure {
    fn from(invalid: InvalidResponse) -> Self {
        Self::Invalid(invalid)
    }
}

impl Failure {
    /// True when the request may be sent again (RFC 9110 §9.2.2): not when the replica may have
    /// acted on one that is not idempotent, nor when content of it is gone.
    pub(crate) fn may_repeat(self, request: &RequestHead) -> bool {
        match self {
            Self::Unsent => !request.streamed,
            Self::Died => !request.streamed && request.method != Method::Other,
            _ => false,
        }
    }

    pub(crate) fn reply(self) -> Reply {
        let (status, reason) = match self {
            Self::Unsent => (502, "no replica can be reached"),
            Self::Died => (502, "the replica closed the connection before it answered"),
            Self::TimedOut => (504, "the replica did not answer in time"),
            Self::Invalid(invalid) => (502, invalid.0),
            Self::InvalidContent => (400, "malformed content"),
            Self::ClientStalled => (408, "the content did not arrive in time"),
            // No client reads this one.
            Self::ClientGone => (400, "the client is gone"),
        };
        Reply::new(status, reason)
    }
}
