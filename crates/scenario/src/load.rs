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

/// Most entries of `origin`, and most characters of one.
const MOST_ORIGINS: usize = 64;
const LONGEST_ORIGIN: usize = 200;

pub(crate) fn origins(given: &Given<'_>) -> Result<Vec<String>> {
    let is_origin = |text: &str| {
        let Some((scheme, host)) = text.split_once("://") else { return false };
        let of_host = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        let is_host = !host.is_empty() && host.chars().all(of_host);
        matches!(scheme, "http" | "https") && is_host && text.len() <= LONGEST_ORIGIN
    };
    let entries: Vec<_> = given.texts().map(str::to_owned).collect();
    let label = match given.texts().find(|text| !is_origin(text)) {
        Some(entry) => format!("`{}` is not an origin", shown(entry)),
        None if entries.is_empty() => "this list is empty".to_owned(),
        None if entries.len() > MOST_ORIGINS => "these are more than 64".to_owned(),
        None => return Ok(entries),
    };
    let error = given.error("`origin` must name the origins of pages", label);
    Err(Box::new(error.help("for example origin = [\"https://a.example\", \"https://b.example\"]")))
}
