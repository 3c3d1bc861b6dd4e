//! Values of the load: paces, content codings that clients accept, and their limits.

use client::Cadence;

use crate::diagnostic::{Result, shown};
use crate::given::Given;

/// Most polls of a run, all clients together.
pub const MOST_POLLS: u64 = 1_000_000_000;

// Interval and jitter are keys of their own, which are entered later.
pub(crate) const CADENCES: [Cadence; 3] = [
    Cadence::Lockstep,
    Cadence::Shuffled,
    Cadence::OpenLoop { interval: std::time::Duration::ZERO, jitter: 0.0 },
];

/// Most entries of `accept-encoding`, and most characters of one.
const MOST_ENTRIES: usize = 64;
const LONGEST_ENTRY: usize = 200;

pub(crate) fn accept_encoding(given: &Given<'_>) -> Result<Vec<String>> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "*-_.;=, ".contains(c);
    let wrong = |entry: &&str| !entry.chars().all(allowed) || entry.len() > LONGEST_ENTRY;
    let entries: Vec<_> = given.texts().map(str::to_owned).collect();
    let label = match given.texts().find(wrong) {
        Some(entry) => format!("`{}` is not a list of content codings", shown(entry)),
        None if entries.is_empty() => "this list is empty".to_owned(),
        None if entries.len() > MOST_ENTRIES => "these are more than 64".to_owned(),
        None => return Ok(entries),
    };
    let error = given.error("`accept-encoding` must say what clients accept, in turn", label);
    Err(Box::new(error.help("for example accept-encoding = [\"gzip\", \"identity\"]")))
}
