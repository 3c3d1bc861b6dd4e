//! Compresses, adds `-gzip` inside the quotes, and takes it off again on the way in.
//!
//! As Caddy's `encode`; Jetty does the same with `--gzip`, in `If-Match` as well, and restores the
//! suffix in a 304, and so does this edge.

use crate::edge::{
    Edge, EdgeEntry, Gzip, GzipLevel, MessageHead, each_replica_tag, with_suffix, without_suffix,
};

const GZIP: Gzip = Gzip { level: 6, least_bytes: 32 };

pub(super) const ENTRY: EdgeEntry = EdgeEntry {
    name: "gzip-suffix-understood",
    summary: "Compresses, adds -gzip to the tag, and takes it off again when it comes back.",
    products: &["caddy", "jetty"],
    effect: "one tag for each coding, and 304s for all",
    edge: Some(Edge { inbound, outbound }),
};

// Not `If-Range`: the ranges of two codings are not parts of one whole.
const TRANSLATED: [&str; 2] = ["if-none-match", "if-match"];

fn inbound(request: &mut MessageHead) {
    for name in TRANSLATED {
        request.replace(name, |tags| Some(known_to_replicas(tags).unwrap_or_else(|| tags.into())));
    }
}

fn outbound(request: &MessageHead, response: &mut MessageHead) -> Option<GzipLevel> {
    let coded_tag = |tag: &[u8]| Some(with_suffix(tag, "-gzip"));
    let mut tags = TRANSLATED.into_iter().flat_map(|name| request.values(name));
    if response.status() == 304 && tags.any(|tags| known_to_replicas(tags).is_some()) {
        // A 304 has the tag that the 200 in its place would have (RFC 9110 §15.4.5).
        response.replace("etag", coded_tag);
    }
    GZIP.code(request, response, coded_tag)
}

/// The tags as replicas made them; `None` if there is no suffix to take off.
fn known_to_replicas(tags: &[u8]) -> Option<Vec<u8>> {
    each_replica_tag(tags, |tag| without_suffix(tag, "-gzip"))
}
