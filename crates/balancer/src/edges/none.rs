//! Passes everything on as it is.

use crate::edge::EdgeEntry;

/// The entry of no edge at all.
pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "none",
    summary: "Passes responses on as they are.",
    products: &[],
    effect: "tags are those of the replicas",
    edge: None,
};
