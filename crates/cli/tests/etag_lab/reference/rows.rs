//! The shared list of requests, by subject.
//!
//! A row names what the RFC plainly requires, not what the lab happens to do.

mod codings;
mod dates;
mod framing;
mod if_match;
mod if_none_match;
mod if_range;
mod precedence;
mod puts;
mod ranges;
mod targets;

use crate::reference::row::Row;

/// Every row, in the order of the documentation.
pub(crate) fn all() -> impl Iterator<Item = &'static Row> {
    reads().chain(puts::ROWS)
}

/// Rows that change nothing.
pub(crate) fn reads() -> impl Iterator<Item = &'static Row> {
    let lists: [&'static [Row]; 9] = [
        if_none_match::ROWS,
        if_match::ROWS,
        dates::ROWS,
        precedence::ROWS,
        ranges::ROWS,
        if_range::ROWS,
        codings::ROWS,
        targets::ROWS,
        framing::ROWS,
    ];
    lists.into_iter().flatten()
}

/// Rows that may change the resource, and have to find it as it was.
pub(crate) fn puts() -> &'static [Row] {
    puts::ROWS
}
