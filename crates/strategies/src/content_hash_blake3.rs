//! A BLAKE3 hash of the content: as good as SHA-256, and several times as fast where processors
//! have no instructions for that.
//!
//! Uses one thread; what is hashed here is smaller than what would pay for more.

use semantics::EntityTag;

use crate::digest::first_half_hex;
use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "content-hash-blake3",
    summary: "The first 128 bits of the content's BLAKE3, in hex.",
    seen_in: "build caches and asset pipelines; APIs that hash megabytes",
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let tag = EntityTag::strong(first_half_hex(blake3::hash(facts.content()).into()));
    Some(tag.expect("hex digits are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8], expected: &str) {
        let facts = RepresentationFacts { content: Some(content), ..Default::default() };
        let tag = entity_tag(&facts).map(|tag| tag.to_string());
        assert_eq!(tag.as_deref(), Some(expected));
    }

    #[test]
    fn the_published_digests_are_met() {
        // The BLAKE3 paper's reference implementation, for "" and "abc".
        check(b"", r#""af1349b9f5f9a1a6a0404dea36dcc949""#);
        check(b"abc", r#""6437b3ac38465133ffb63b75273a8db5""#);
    }
}
