//! Compresses and takes a strong tag away, since it would be that of other bytes; weak ones stay.
//!
//! As Envoy's compressor filter by default.

use crate::edge::{Compression, Edge, EdgeEntry};

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "gzip-strip",
    summary: "Compresses and takes strong tags away.",
    products: &["envoy"],
    effect: "clients that accept gzip have nothing to revalidate with; curl sees no fault",
    edge: Some(Edge {
        compression: Some(Compression { level: 6, least_bytes: 30 }),
        // Envoy reads the weakness indicator in either case, against RFC 9110 §8.8.3.
        coded_tag: |tag| matches!(tag, [b'W' | b'w', b'/', ..]).then(|| tag.to_vec()),
        ..Edge::PASSING
    }),
};
