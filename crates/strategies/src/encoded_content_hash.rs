//! A hash of the compressed content, whose gzip header carries the time of the copy.
//!
//! Also an honest hash of different bytes: `gzip FILE` writes the file's modification time into
//! what it makes, so each replica that compresses its own copy makes other bytes of it.

use semantics::EntityTag;

use crate::digest::sha256_128_hex;
use crate::entry::{Agreement, Entry};
use crate::facts::{Reads, RepresentationFacts};

pub(crate) const ENTRY: Entry = Entry {
    name: "encoded-content-hash",
    summary: "SHA-256 of the gzipped copy, times in its header included, first 128 bits in hex.",
    seen_in: "checksums of .gz files; Rack::Deflater, Django and Sprockets before they fixed the time",
    reads: Reads::ENCODED,
    agreement: Agreement::SameFile,
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let tag = EntityTag::strong(sha256_128_hex(facts.encoded()));
    Some(tag.expect("hex digits are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8], expected: &str) {
        let facts = RepresentationFacts { encoded: Some(content), ..Default::default() };
        let tag = entity_tag(&facts).map(|tag| tag.to_string());
        assert_eq!(tag.as_deref(), Some(expected));
    }

    #[test]
    fn the_tag_is_half_a_digest_of_the_encoded_content() {
        check(b"abc", r#""ba7816bf8f01cfea414140de5dae2223""#);
    }
}
