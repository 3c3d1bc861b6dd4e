//! An XXH3 hash of the content: 128 bits at the speed of memory, and no seed.
//!
//! No defence against an author who wants two contents to collide; where contents come from
//! users, take a cryptographic hash.

use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "content-hash-xxh3",
    summary: "The content's XXH3 of 128 bits, in hex.",
    seen_in: "CDNs and file servers that hash on the fly",
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let digest = xxhash_rust::xxh3::xxh3_128(facts.content());
    let tag = EntityTag::strong(format!("{digest:032x}"));
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
        // `xxhsum -H2` of nothing and of "abc".
        check(b"", r#""99aa06d3014798d86001c324468d497f""#);
        check(b"abc", r#""06b05ab6733a618578af5f94892f3950""#);
    }
}
