//! Compresses and takes every tag away, weak ones too.
//!
//! As httpd's `mod_deflate` with `DeflateAlterETag Remove`, which many set to be rid of the suffix.

use crate::edge::{Edge, EdgeEntry, Gzip};

const GZIP: Gzip = Gzip { level: 6, least_bytes: 1 };

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "gzip-remove",
    summary: "Compresses and takes tags away, weak ones too.",
    products: &["mod_deflate-remove"],
    effect: "clients that accept gzip have nothing but a date to revalidate with",
    edge: Some(Edge {
        outbound: |request, response| GZIP.code(request, response, |_| None),
        ..Edge::PASSING
    }),
};
