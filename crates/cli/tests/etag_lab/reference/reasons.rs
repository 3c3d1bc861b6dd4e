//! The justified differences, by subject.

mod codings;
mod conditions;
mod dates;
mod messages;
mod puts;
mod ranges;

use crate::reference::reason::{Reason, Subject};

/// Every subject, in the order of the documentation.
pub(crate) const SUBJECTS: &[Subject] = &[
    Subject { title: "Preconditions", reasons: conditions::REASONS },
    Subject { title: "Dates", reasons: dates::REASONS },
    Subject { title: "Ranges", reasons: ranges::REASONS },
    Subject { title: "Codings", reasons: codings::REASONS },
    Subject { title: "PUT", reasons: puts::REASONS },
    Subject { title: "Messages", reasons: messages::REASONS },
];

/// Every reason.
pub(crate) fn all() -> impl Iterator<Item = &'static Reason> {
    SUBJECTS.iter().flat_map(|subject| subject.reasons)
}
