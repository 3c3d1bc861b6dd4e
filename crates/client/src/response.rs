//! A complete response, as the rest of the client reads it, and what it shows.
//!
//! Pure: borrows the connection's buffer.

use measure::{ContentCoding, ErrorReason, Observation};
use truth::{Content, ContentId, Declaration};

/// A complete response; for a broken download, the first part of one.
#[derive(Debug)]
pub(crate) struct PollResponse<'a> {
    pub(crate) status: u16,
    pub(crate) head: &'a [u8],
    pub(crate) entity_tag: Option<&'a [u8]>,
    pub(crate) declaration: Option<Declaration>,
    pub(crate) content: ContentId,
    pub(crate) coding: ContentCoding,
    pub(crate) octets: u64,
    /// True if the client cannot read the tag.
    pub(crate) hides_tag: bool,
}

impl PollResponse<'_> {
    /// Observation that a complete response to a request for all of the content allows.
    pub(crate) fn observe(&self, conditional: bool) -> Result<Observation, ErrorReason> {
        let declared = self.declared();
        match self.status {
            304 if conditional => Ok(Observation::NotModified { current: declared }),
            304 => Err(ErrorReason::UnsolicitedNotModified),
            200 => match declared {
                // Content in a coding that is not known here cannot be compared.
                Some(declared)
                    if self.coding == ContentCoding::Other || declared.id == self.content =>
                {
                    Ok(Observation::Content(declared))
                }
                Some(_) => Err(ErrorReason::ContentMismatch),
                None => Ok(Observation::Content(Content { id: self.content, edition: None })),
            },
            status => Err(ErrorReason::Status(status)),
        }
    }

    pub(crate) fn declared(&self) -> Option<Content> {
        self.declaration.and_then(|declaration| declaration.content)
    }
}
