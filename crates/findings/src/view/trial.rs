//! Trials: requests with a precondition, and what servers made of them.

use super::weak_eq;
use crate::evidence::{ObservedRequest, ObservedResponse};

/// Reaction of a server to a precondition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialOutcome {
    /// 304.
    Honoured,
    /// 200 although the response carries the very validator that was sent.
    Ignored,
    /// 200 with another validator, or none; or a 304 that names the tag of another content.
    Missed,
}

/// A request with a precondition, answered 200 or 304.
#[derive(Clone, Debug)]
pub struct Trial<'a> {
    /// The request.
    pub asked: &'a ObservedRequest,
    /// True if the validator sent was seen on a compressed response, and compression accepted.
    pub coded: bool,
    /// Reaction of the server.
    pub outcome: TrialOutcome,
    /// True of a 200 with the very content that the validator stood for.
    pub is_needless: bool,
    /// Index of the way to the target.
    pub lane: usize,
}

/// Counts of trials by their outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrialCounts {
    /// Answered 304.
    pub honoured: usize,
    /// Answered 200 with the validator that was sent.
    pub ignored: usize,
    /// Answered with another validator.
    pub missed: usize,
}

impl TrialCounts {
    /// `3 of 8 got a 304`.
    pub(crate) fn got_304(self) -> String {
        format!("{} of {} got a 304", self.honoured, self.total())
    }

    /// All trials.
    pub fn total(self) -> usize {
        self.honoured + self.ignored + self.missed
    }

    /// Trials whose validator matched what the server had.
    pub fn matching(self) -> usize {
        self.honoured + self.ignored
    }
}

/// Reaction that an answer to a precondition shows; `None` where it is neither 200 nor 304.
pub(super) fn outcome(asked: &ObservedRequest, answer: &ObservedResponse) -> Option<TrialOutcome> {
    match answer.status {
        304 => Some(TrialOutcome::Honoured),
        200 => {
            let matches = if asked.none_match.is_empty() {
                // Octet by octet: clients send a date back as it came (RFC 9110 §13.1.3).
                let date = answer.last_modified();
                asked.any || (date.is_some() && date == asked.modified_since.as_deref())
            } else {
                let is_sent = |tag| asked.none_match.iter().any(|sent| weak_eq(sent, tag));
                answer.tag().is_some_and(is_sent)
            };
            Some(if matches { TrialOutcome::Ignored } else { TrialOutcome::Missed })
        }
        _ => None,
    }
}
