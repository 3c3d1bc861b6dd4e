//! A cache in front of simulated servers.

use findings::evidence::{Method, ObservedRequest, opaque};

use super::server::Response;

/// A cache that stores each response for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cache {
    pub(crate) milliseconds: u64,
    /// True if it answers a condition that holds with 304.
    pub(crate) reads_conditions: bool,
    /// True if it says so in `X-Cache`, beside `Age`.
    pub(crate) is_named: bool,
}

/// A stored response.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// Milliseconds since the world began.
    pub(crate) at: u64,
    pub(crate) response: Response,
}

/// Reports whether a stored response may answer.
pub(crate) fn may_answer(asked: &ObservedRequest) -> bool {
    asked.method == Method::Get && asked.range.is_none() && asked.fields.is_empty()
}

/// The request without its preconditions.
pub(crate) fn unconditional(asked: &ObservedRequest) -> ObservedRequest {
    ObservedRequest {
        none_match: Vec::new(),
        any: false,
        modified_since: None,
        range: None,
        if_range: None,
        ..asked.clone()
    }
}

/// Answer from a stored response.
pub(crate) fn answer(
    cache: Cache,
    stored: &Stored,
    at: u64,
    is_hit: bool,
    asked: &ObservedRequest,
) -> Response {
    let mut response = stored.response.clone();
    response.fields.push("age", ((at - stored.at) / 1_000).to_string().as_bytes());
    if cache.is_named {
        response.fields.push("x-cache", if is_hit { b"HIT" } else { b"MISS" });
    }
    if cache.reads_conditions && holds(&stored.response, asked) {
        let dropped = ["content-encoding", "content-length", "content-type", "accept-ranges"];
        let left = response.fields.iter().filter(|(name, _)| !dropped.contains(name));
        let fields = left.collect();
        return Response { status: 304, fields, content: Vec::new() };
    }
    response
}

fn holds(stored: &Response, asked: &ObservedRequest) -> bool {
    if asked.any || !asked.none_match.is_empty() {
        let own = stored.fields.get("etag");
        let is_own = |own: &[u8]| asked.none_match.iter().any(|sent| opaque(sent) == opaque(own));
        return asked.any || own.is_some_and(is_own);
    }
    let date = stored.fields.get("last-modified");
    date.is_some() && date == asked.modified_since.as_deref()
}
