//! Permission for scripts of other origins (CORS), in three ways: whole, on 200s only, and without the
//! tag. The origin that asks is the one that is permitted, as `cors` of Express does with `origin: true`.
//!
//! A middleware that adds its fields to what the application answers does not see a 304 that is made
//! behind it, or takes them off again (Hono's `etag` keeps a list of fields that a 304 may have, and CORS
//! is not among them).

use crate::edge::{Edge, EdgeEntry, MessageHead};

const ALLOW: &str = "access-control-allow-origin";
const EXPOSE: &str = "access-control-expose-headers";

pub(super) const WHOLE: EdgeEntry = EdgeEntry {
    name: "cors",
    summary: "Permits the origin that asks, on every response, names it in Vary and exposes the tag.",
    products: &[],
    effect: "scripts of other origins can revalidate",
    edge: Some(Edge {
        outbound: |request, response| {
            let permits = permit(request, response);
            if permits {
                response.set(EXPOSE, b"ETag");
                response.add("vary", b"Origin");
            }
            None
        },
        ..Edge::PASSING
    }),
};

pub(super) const ON_200: EdgeEntry = EdgeEntry {
    name: "cors-on-200",
    summary: "Permits the origin that asks and exposes the tag, but not on a 304, and without Vary.",
    products: &["hono-etag"],
    effect: "scripts that revalidate by themselves are told nothing by a 304; caches mix up origins",
    edge: Some(Edge {
        outbound: |request, response| {
            if response.status() != 304 && permit(request, response) {
                response.set(EXPOSE, b"ETag");
            }
            None
        },
        ..Edge::PASSING
    }),
};

pub(super) const UNEXPOSED: EdgeEntry = EdgeEntry {
    name: "cors-unexposed",
    summary: "Permits the origin that asks, on every response, and does not expose the tag.",
    products: &[],
    effect: "scripts of other origins cannot read the tag, and never revalidate",
    edge: Some(Edge {
        outbound: |request, response| {
            if permit(request, response) {
                response.add("vary", b"Origin");
            }
            None
        },
        ..Edge::PASSING
    }),
};

/// Permits the origin of a request, and what it asks a preflight for; `false` where it names none.
fn permit(request: &MessageHead, response: &mut MessageHead) -> bool {
    let Some(origin) = request.value("origin") else { return false };
    response.set(ALLOW, origin);
    if let Some(fields) = request.value("access-control-request-headers") {
        response.set("access-control-allow-headers", fields);
    }
    true
}
