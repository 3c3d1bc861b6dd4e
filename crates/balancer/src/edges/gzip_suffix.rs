//! Compresses, adds `-gzip` inside the quotes, and does not know its own tags when they come back.
//!
//! As httpd's `mod_deflate` with `DeflateAlterETag AddSuffix`, its default since 2.4: a 304 and a
//! weak tag are treated as there (a weak tag gets the suffix too, a 304 stays as it is).

use crate::edge::{Edge, EdgeEntry, Gzip, with_suffix};

const GZIP: Gzip = Gzip { level: 6, least_bytes: 1 };

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "gzip-suffix",
    summary: "Compresses and adds -gzip to the tag, which no replica knows when it comes back.",
    products: &["mod_deflate", "httpd"],
    effect: "no 304 for clients that accept gzip",
    edge: Some(Edge {
        outbound: |request, response| {
            GZIP.code(request, response, |tag| Some(with_suffix(tag, "-gzip")))
        },
        ..Edge::PASSING
    }),
};
