//! Policies and edges by name; no policy and no edge is named anywhere else.

pub use crate::edges::EDGES;
pub use crate::policies::POLICIES;

use crate::edge::EdgeEntry;
use crate::policy::PolicyEntry;

/// The policy with exactly this name.
pub fn find(name: &str) -> Option<&'static PolicyEntry> {
    POLICIES.iter().find(|entry| entry.name == name)
}

/// The edge with exactly this name, or the one of the product with this name.
pub fn find_edge(name: &str) -> Option<&'static EdgeEntry> {
    EDGES.iter().find(|entry| entry.name == name || entry.products.contains(&name))
}

/// The edge that passes everything on.
pub fn no_edge() -> &'static EdgeEntry {
    &EDGES[0]
}

#[cfg(test)]
mod tests;
