//! The content hash, computed for every request: what it costs not to remember.
//!
//! The tag is that of `content-hash`, to the letter. Reads its copy again for every request, as
//! an application renders its content again.

use super::content_hash::entity_tag;
use crate::entry::{Computed, Entry};

pub(crate) const ENTRY: Entry = Entry {
    name: "content-hash-per-request",
    summary: "content-hash, computed for every request.",
    seen_in: "ETag middleware that hashes each body it sends or would have sent",
    computed: Computed::PerRequest,
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::RepresentationFacts;

    fn check(content: &[u8], expected: &str) {
        let facts = RepresentationFacts { content: Some(content), ..Default::default() };
        let tag = entity_tag(&facts).map(|tag| tag.to_string());
        assert_eq!(tag.as_deref(), Some(expected));
    }

    #[test]
    fn the_tag_is_that_of_the_content_hash() {
        check(b"abc", r#""ba7816bf8f01cfea414140de5dae2223""#);
    }
}
