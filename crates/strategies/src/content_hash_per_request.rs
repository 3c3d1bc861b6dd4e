//! The content hash, made anew for every request: what it costs not to remember.
//!
//! The tag is that of `content-hash`, to the letter. Reads its copy again for every request, as
//! an application renders its content again.

use semantics::EntityTag;

use crate::digest::sha256_128_hex;
use crate::entry::{Agreement, Computed, Deployed, Discrimination, Entry, Strategy};
use crate::facts::{Reads, RepresentationFacts};

pub(crate) const ENTRY: Entry = Entry {
    name: "content-hash-per-request",
    summary: "content-hash, made anew for every request.",
    seen_in: "ETag middleware that hashes each body it sends or would have sent",
    reads: Reads::CONTENT,
    agreement: Agreement::SameContent,
    tells_apart: Discrimination::Contents,
    computed: Computed::PerRequest,
    deployed: Deployed::AsGiven,
    strategy: &ContentHashPerRequest,
};

struct ContentHashPerRequest;

impl Strategy for ContentHashPerRequest {
    fn entity_tag(&self, facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
        let tag = EntityTag::strong(sha256_128_hex(facts.content()));
        Some(tag.expect("hex digits are etagc"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8], expected: &str) {
        let facts = RepresentationFacts::new().with_content(content);
        let tag = ContentHashPerRequest.entity_tag(&facts).map(|tag| tag.to_string());
        assert_eq!(tag.as_deref(), Some(expected));
    }

    #[test]
    fn the_tag_is_that_of_the_content_hash() {
        check(b"abc", r#""ba7816bf8f01cfea414140de5dae2223""#);
    }
}
