//! Takes every tag away and compresses nothing.
//!
//! As httpd's `Header unset ETag` and nginx's `proxy_hide_header ETag`, the old advice for clusters
//! ("turn entity tags off"), and as Cloudflare where it rewrites HTML on its way.

use crate::edge::{Edge, EdgeEntry};

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "remove",
    summary: "Takes tags away, and compresses nothing.",
    products: &["header-unset-etag", "proxy_hide_header-etag", "cloudflare-rewriting"],
    effect: "all clients have nothing but a date to revalidate with",
    edge: Some(Edge {
        outbound: |_, response| {
            response.remove("etag");
            None
        },
        ..Edge::PASSING
    }),
};
