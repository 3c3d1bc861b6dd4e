//! What is measured, in order; one file for each row of the result.

mod balancer;
mod client;
mod coalescer;
mod crowd;
mod encrypted;
mod growth;
mod http2;
mod lab;
mod logs;
mod million;
mod model;
mod replica;
mod startup;

use anyhow::Result;

use crate::bench::Bench;
use crate::record::Row;

/// One row.
pub(crate) struct Entry {
    /// For `--only` and headings; unique.
    pub(crate) name: &'static str,
    /// In a few words.
    pub(crate) title: &'static str,
    /// All its rounds.
    pub(crate) measure: fn(&Bench) -> Result<Row>,
}

/// All rows.
static ROWS: &[Entry] = &[
    client::ENTRY,
    encrypted::ENTRY,
    http2::ENTRY,
    balancer::ENTRY,
    replica::ENTRY,
    coalescer::ENTRY,
    crowd::ENTRY,
    lab::ENTRY,
    startup::ENTRY,
    growth::ENTRY,
    million::ENTRY,
    logs::ENTRY,
    model::ENTRY,
];

/// All names, in order.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|entry| entry.name)
}

/// The rows with these names, or all when there are none.
pub(crate) fn wanted(only: &[String]) -> impl Iterator<Item = &'static Entry> {
    ROWS.iter().filter(move |entry| only.is_empty() || only.iter().any(|name| name == entry.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_select_their_row() {
        for name in names() {
            assert_eq!(
                wanted(&[name.to_owned()]).map(|entry| entry.name).collect::<Vec<_>>(),
                [name]
            );
        }
        assert_eq!(wanted(&[]).count(), ROWS.len());
    }
}
