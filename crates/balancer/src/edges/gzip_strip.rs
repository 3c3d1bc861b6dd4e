//! Compresses and takes a strong tag away, since it would be that of other bytes; weak ones stay.
//!
//! As Envoy's compressor filter by default.

use crate::edge::{Compression, Edge, EdgeEntry};

/// The entry of this edge.
pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "gzip-strip",
    summary: "Compresses and takes strong tags away.",
    products: &["envoy"],
    effect: "clients that accept gzip have nothing to revalidate with; curl sees no fault",
    edge: Some(&GzipStrip),
};

struct GzipStrip;

impl Edge for GzipStrip {
    fn compression(&self) -> Option<Compression> {
        Some(Compression { level: 6, least_bytes: 30 })
    }

    fn coded_tag(&self, tag: &[u8]) -> Option<Vec<u8>> {
        (tag.starts_with(b"W/") || tag.starts_with(b"w/")).then(|| tag.to_vec())
    }
}
