//! Passes everything on as it is.

use crate::edge::EdgeEntry;

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "none",
    summary: "Passes responses on as they are.",
    products: &[],
    effect: "tags are those of the replicas",
    edge: None,
};
