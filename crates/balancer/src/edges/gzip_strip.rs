//! Compresses and takes a strong tag away, since it would be that of other bytes; weak ones stay.
//!
//! As Envoy's compressor filter by default, held against Envoy 1.40.

use crate::edge::{Edge, EdgeEntry, Gzip};

const GZIP: Gzip = Gzip { level: 6, least_bytes: 30 };

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "gzip-strip",
    summary: "Compresses and takes strong tags away.",
    products: &["envoy"],
    effect: "clients that accept gzip have nothing to revalidate with; curl sees no fault",
    edge: Some(Edge {
        outbound: |request, response| GZIP.code(request, response, weak_alone),
        ..Edge::PASSING
    }),
};

// Envoy reads the weakness indicator in either case, against RFC 9110 §8.8.3.
fn weak_alone(tag: &[u8]) -> Option<Vec<u8>> {
    matches!(tag, [b'W' | b'w', b'/', ..]).then(|| tag.to_vec())
}
