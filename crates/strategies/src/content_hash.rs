//! A hash of the content: the repair that this lab is about.
//!
//! Hashes the bytes it is given; bytes that hold a host name or a time still differ by replica.

use semantics::EntityTag;

use crate::digest::sha256_128_hex;
use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "content-hash",
    summary: "The first 128 bits of the content's SHA-256, in hex.",
    seen_in: "APIs repaired for several replicas; Skipper routesrv with all 256 bits",
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

pub(crate) fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let tag = EntityTag::strong(sha256_128_hex(facts.content()));
    Some(tag.expect("hex digits are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_half_a_digest_and_strong() {
        let tag = entity_tag(&RepresentationFacts { content: Some(b"abc"), ..Default::default() });
        let expected = r#""ba7816bf8f01cfea414140de5dae2223""#;
        assert_eq!(tag.map(|tag| tag.to_string()).as_deref(), Some(expected));
    }
}
