//! Compresses and leaves the tag alone: two byte streams under one strong tag.
//!
//! As `CompressionLayer` of tower-http, `compression` of Express, httpd's `mod_deflate` with
//! `DeflateAlterETag NoChange`, gzhttp and so Traefik's `compress` (its pull request 740 made suffixes an
//! option), Fastly, which preserves any tag that it compresses under (X-Compress-Hint), and Caddy 2.6, as
//! Debian 12 has it, whose successors add a suffix.

use crate::edge::{Edge, EdgeEntry, Gzip};

const GZIP: Gzip = Gzip { level: 6, least_bytes: 32 };

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "gzip-keep",
    summary: "Compresses and leaves the tag as it is.",
    products: &[
        "tower-http",
        "express-compression",
        "traefik",
        "fastly",
        "mod_deflate-nochange",
        "caddy-2.6",
    ],
    effect: "304s as before, and range requests that can splice two codings",
    edge: Some(Edge {
        outbound: |request, response| GZIP.code(request, response, |tag| Some(tag.to_vec())),
        ..Edge::PASSING
    }),
};
