//! Compresses nothing, and takes `Accept-Encoding` out of requests, so that replicas do not either.
//!
//! As nginx with `proxy_set_header Accept-Encoding "";`, the example of its manual, which NixOS took
//! over into the settings that it recommends (until nixpkgs pull request 100708); and as
//! rails-reverse-proxy unless it is set to pass compression through (its pull request 27).

use crate::edge::{Edge, EdgeEntry};

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "hide-codings",
    summary: "Takes Accept-Encoding out of requests: replicas send everything as it is.",
    products: &["nixos-nginx", "rails-reverse-proxy"],
    effect: "one tag for all clients, and all stored tags become useless on the day it goes away",
    // The field goes, instead of asking for `identity`: replicas answer both alike, and so does nginx
    // with the empty `proxy_set_header`.
    edge: Some(Edge { inbound: |request| request.remove("accept-encoding"), ..Edge::PASSING }),
};
