//! What a response means to the client that waited for it.
//!
//! Pure: counts nothing and stores nothing.

use measure::{ContentCoding, ErrorReason, Observation, Resume, Verdict, classify, held_after};
use truth::Content;

use crate::connection::Received;
use crate::poller::Poller;
use crate::resume::Rest;

/// How one poll ended.
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) error: Option<ErrorReason>,
    /// What the client has now.
    pub(crate) held: Option<Content>,
    /// What the replica held when it sent its tag, where that is known.
    pub(crate) tagged_content: Option<Content>,
    /// How a broken download went on, if it did.
    pub(crate) resume: Option<Resume>,
}

impl Judged {
    /// Of the last response of a poll; `rest` is what it had been asked for, if that was not all.
    pub(crate) fn of(
        poller: &Poller,
        rest: Option<&Rest>,
        received: &Result<Received<'_>, ErrorReason>,
    ) -> Self {
        let conditional = !poller.conditions().is_empty();
        let observed = match (received, rest) {
            (Err(reason), _) => Err(*reason),
            (Ok(received), None) => observe(received, conditional).map(|seen| (seen, None)),
            (Ok(received), Some(rest)) => {
                rest.observe(received).map(|(seen, resume)| (seen, Some(resume)))
            }
        };
        match observed {
            Err(reason) => Self {
                verdict: Verdict::Error,
                error: Some(reason),
                held: poller.held,
                tagged_content: None,
                resume: None,
            },
            Ok((observed, resume)) => Self {
                verdict: classify(poller.held, observed),
                error: None,
                held: held_after(poller.held, observed),
                tagged_content: match observed {
                    Observation::Content(content) => Some(content),
                    Observation::NotModified { current } => current,
                },
                resume,
            },
        }
    }
}

/// What a complete response to a request for all of the content shows.
pub(crate) fn observe(
    received: &Received<'_>,
    conditional: bool,
) -> Result<Observation, ErrorReason> {
    let declared = received.declaration.and_then(|declaration| declaration.content);
    match received.status {
        304 if conditional => Ok(Observation::NotModified { current: declared }),
        304 => Err(ErrorReason::UnsolicitedNotModified),
        200 => match declared {
            // What came in a coding that nobody here knows cannot be compared.
            Some(declared)
                if received.coding == ContentCoding::Other || declared.id == received.content =>
            {
                Ok(Observation::Content(declared))
            }
            Some(_) => Err(ErrorReason::ContentMismatch),
            None => Ok(Observation::Content(Content { id: received.content, edition: None })),
        },
        status => Err(ErrorReason::Status(status)),
    }
}
