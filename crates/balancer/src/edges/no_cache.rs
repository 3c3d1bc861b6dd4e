//! Adds `Cache-Control: no-cache` where a response names no lifetime, so that no cache guesses one.
//!
//! As nginx with `add_header Cache-Control no-cache`, Caddy with `header ?Cache-Control no-cache`, which
//! is the one that leaves a value of the application alone.

use crate::edge::{Edge, EdgeEntry};

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "no-cache",
    summary: "Adds Cache-Control: no-cache where a response has no Cache-Control.",
    products: &[],
    effect: "clients ask each time, instead of guessing how long a response is fresh",
    edge: Some(Edge {
        outbound: |_, response| {
            if matches!(response.status(), 200 | 304) && response.value("cache-control").is_none() {
                response.set("cache-control", b"no-cache");
            }
            None
        },
        ..Edge::PASSING
    }),
};
