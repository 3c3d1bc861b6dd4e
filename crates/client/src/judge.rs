//! Meaning of a response to the client that waited for it.
//!
//! Pure: counts nothing and stores nothing.

use measure::{ErrorReason, Observation, Resume, Verdict, classify, held_after};
use truth::Content;

use crate::response::PollResponse;
use crate::resume::RestRequest;

pub(crate) struct Judgement {
    pub(crate) verdict: Verdict,
    pub(crate) error: Option<ErrorReason>,
    pub(crate) held: Option<Content>,
    /// Content that the replica held when it sent its tag, where that is known.
    pub(crate) tagged_content: Option<Content>,
    /// The way in which a broken download was completed, if it was.
    pub(crate) resume: Option<Resume>,
}

impl Judgement {
    /// Judges the last response of a poll. `held` is what the client had before; `rest` is what the
    /// request asked for, if that was not the whole.
    pub(crate) fn of(
        held: Option<Content>,
        conditional: bool,
        rest: Option<&RestRequest>,
        response: &Result<PollResponse<'_>, ErrorReason>,
    ) -> Self {
        let observed = match (response, rest) {
            (Err(reason), _) => Err(*reason),
            (Ok(response), None) => response.observe(conditional).map(|seen| (seen, None)),
            (Ok(response), Some(rest)) => {
                rest.observe(response).map(|(seen, resume)| (seen, Some(resume)))
            }
        };
        match observed {
            // A failed poll leaves the client with what it had; `OnError` decides afterwards.
            Err(reason) => Self {
                verdict: Verdict::Error,
                error: Some(reason),
                held,
                tagged_content: None,
                resume: None,
            },
            Ok((observed, resume)) => Self {
                verdict: classify(held, observed),
                error: None,
                held: held_after(held, observed),
                tagged_content: match observed {
                    Observation::Content(content) => Some(content),
                    Observation::NotModified { current } => current,
                },
                resume,
            },
        }
    }
}
