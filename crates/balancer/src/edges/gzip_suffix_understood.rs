//! Compresses, adds `-gzip` inside the quotes, and takes it off again on the way in.
//!
//! As Caddy's `encode`; Jetty does the same with `--gzip`, in `If-Match` as well, and restores the
//! suffix in a 304, and so does this edge.

use crate::edge::{Compression, Edge, EdgeEntry, with_suffix, without_suffix};

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "gzip-suffix-understood",
    summary: "Compresses, adds -gzip to the tag, and takes it off again when it comes back.",
    products: &["caddy", "jetty"],
    effect: "one tag for each coding, and 304s for all",
    edge: Some(Edge {
        compression: Some(Compression { level: 6, least_bytes: 32 }),
        coded_tag: |tag| Some(with_suffix(tag, "-gzip")),
        replica_tag: |tag| without_suffix(tag, "-gzip"),
        ..Edge::PASSING
    }),
};
