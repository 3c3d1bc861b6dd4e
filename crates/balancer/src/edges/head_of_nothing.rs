//! Tags what a HEAD sends, which is nothing, and judges the conditions of HEAD by that tag; GET passes as
//! it is.
//!
//! As a layer that hashes content on its way out and does not know that HEAD has none: nginx's
//! `ngx_dynamic_etag` until it left HEAD alone (its issue 2). A handler of its own for HEAD, which tags
//! its own small answer, looks the same to clients (strongloop/loopback issue 1045).

use crate::edge::{Edge, EdgeEntry, MessageHead};

/// MD5 of no octets.
const OF_NOTHING: &[u8] = b"\"d41d8cd98f00b204e9800998ecf8427e\"";

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "head-of-nothing",
    summary: "Tags the answer to a HEAD by its content, which it does not have.",
    products: &["ngx-dynamic-etag"],
    effect: "every HEAD names the same tag, and never that of a GET",
    edge: Some(Edge {
        // The replica would answer a condition by its own tag, which this layer replaces.
        inbound: |request| {
            if is_head(request) {
                request.remove("if-none-match");
            }
        },
        outbound: |request, response| {
            if is_head(request) && response.status() == 200 && response.value("etag").is_some() {
                response.set("etag", OF_NOTHING);
            }
            None
        },
    }),
};

fn is_head(request: &MessageHead) -> bool {
    request.as_bytes().starts_with(b"HEAD ")
}
