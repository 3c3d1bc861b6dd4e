//! Every policy there is, in the order in which users see them.
//!
//! To add one, write its file and put its module and its entry here; the contract tests take it
//! from there. No policy is named anywhere else.

use std::fmt;

use crate::policy::Policy;

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

/// The entry with exactly this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    POLICIES.iter().find(|entry| entry.name == name)
}

/// All names, in the order of the entries.
pub fn names() -> impl Iterator<Item = &'static str> {
    POLICIES.iter().map(|entry| entry.name)
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

#[cfg(test)]
mod tests;
