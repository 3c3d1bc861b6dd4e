//! Every policy and every edge there is, in the order in which users see them.
//!
//! To add one, write its file and put its module and its entry here; the contract tests take it
//! from there. No policy and no edge is named anywhere else.

use std::fmt;

use crate::edge::Edge;
use crate::policy::Policy;

#[path = "edges/gzip_keep.rs"]
mod gzip_keep;
#[path = "edges/gzip_strip.rs"]
mod gzip_strip;
#[path = "edges/gzip_suffix.rs"]
mod gzip_suffix;
#[path = "edges/gzip_suffix_understood.rs"]
mod gzip_suffix_understood;
#[path = "edges/gzip_weaken.rs"]
mod gzip_weaken;
#[path = "edges/hide_codings.rs"]
mod hide_codings;
#[path = "edges/none.rs"]
mod none;

#[path = "policies/least_requests.rs"]
mod least_requests;
#[path = "policies/per_connection.rs"]
mod per_connection;
#[path = "policies/random.rs"]
mod random;
#[path = "policies/round_robin.rs"]
mod round_robin;
#[path = "policies/sticky.rs"]
mod sticky;

/// All entries; their names are unique.
pub static POLICIES: &[Entry] = &[
    round_robin::ENTRY,
    random::ENTRY,
    least_requests::ENTRY,
    sticky::ENTRY,
    per_connection::ENTRY,
];

/// All edges; their names, and those of the products, are unique.
pub static EDGES: &[EdgeEntry] = &[
    none::ENTRY,
    gzip_suffix::ENTRY,
    gzip_suffix_understood::ENTRY,
    gzip_weaken::ENTRY,
    gzip_strip::ENTRY,
    gzip_keep::ENTRY,
    hide_codings::ENTRY,
];

/// The entry with exactly this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    POLICIES.iter().find(|entry| entry.name == name)
}

/// All names, in the order of the entries.
pub fn names() -> impl Iterator<Item = &'static str> {
    POLICIES.iter().map(|entry| entry.name)
}

/// The edge with exactly this name, or the one of the product with this name.
pub fn find_edge(name: &str) -> Option<&'static EdgeEntry> {
    EDGES.iter().find(|entry| entry.name == name || entry.products.contains(&name))
}

/// The edge that passes everything on.
pub fn no_edge() -> &'static EdgeEntry {
    &EDGES[0]
}

/// What a policy ties to one replica, as long as that one is available.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pins {
    /// Nothing: the next request of the same client may go elsewhere.
    Nothing,
    /// Each client.
    Client,
    /// Each inbound connection.
    Connection,
}

/// A policy as users meet it.
pub struct Entry {
    /// Name in scenarios and on the command line, in kebab-case, unique.
    pub name: &'static str,
    /// How it chooses, in one sentence.
    pub summary: &'static str,
    /// What it ties to a replica.
    pub pins: Pins,
    /// Whether the seed matters.
    pub random: bool,
    /// A fresh policy; the same seed and situations give the same choices.
    pub make: fn(seed: u64) -> Box<dyn Policy>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).finish_non_exhaustive()
    }
}

/// An edge as users meet it.
pub struct EdgeEntry {
    /// Name in scenarios and on the command line, in kebab-case, unique.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Products that do this by default; each is another name for the edge.
    pub products: &'static [&'static str],
    /// What clients notice, in one fragment.
    pub effect: &'static str,
    /// What it does to messages; `None` passes them on.
    pub edge: Option<&'static dyn Edge>,
}

impl fmt::Debug for EdgeEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EdgeEntry").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for EdgeEntry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for EdgeEntry {}

#[cfg(test)]
mod tests;
