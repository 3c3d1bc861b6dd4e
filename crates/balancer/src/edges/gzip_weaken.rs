//! Compresses and makes the tag weak: the codings are equivalent, not identical.
//!
//! As nginx (`gzip on`) and so ingress-nginx, `HAProxy` (`compression algo gzip`), Cloudflare, `CloudFront`
//! and Bunny (both by their documentation), and as Envoy from 1.38 on with `weaken_etag_on_compress`. nginx
//! drops what is no tag instead of weakening it.

use crate::edge::{Edge, EdgeEntry, Gzip};

const GZIP: Gzip = Gzip { level: 1, least_bytes: 20 };

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "gzip-weaken",
    summary: "Compresses and weakens the tag to W/\"…\".",
    products: &[
        "nginx",
        "haproxy",
        "cloudflare",
        "cloudfront",
        "ingress-nginx",
        "bunny",
        "envoy-weaken",
    ],
    effect: "304s as before, for If-None-Match compares weakly; no resumed downloads",
    edge: Some(Edge {
        outbound: |request, response| GZIP.code(request, response, weakened),
        ..Edge::PASSING
    }),
};

fn weakened(tag: &[u8]) -> Option<Vec<u8>> {
    match tag {
        [b'W', b'/', ..] => Some(tag.to_vec()),
        [b'"', ..] => Some([b"W/", tag].concat()),
        _ => None,
    }
}
