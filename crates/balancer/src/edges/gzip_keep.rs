//! Compresses and leaves the tag alone: two byte streams under one strong tag.
//!
//! As `CompressionLayer` of tower-http, and `compression` of Express.

use crate::edge::{Compression, Edge, EdgeEntry};

/// The entry of this edge.
pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "gzip-keep",
    summary: "Compresses and leaves the tag as it is.",
    products: &["tower-http", "express-compression"],
    effect: "304s as before, and range requests that can splice two codings",
    edge: Some(&GzipKeep),
};

struct GzipKeep;

impl Edge for GzipKeep {
    fn compression(&self) -> Option<Compression> {
        Some(Compression { level: 6, least_bytes: 32 })
    }

    fn coded_tag(&self, tag: &[u8]) -> Option<Vec<u8>> {
        Some(tag.to_vec())
    }
}
