//! MD5 of the MD5s of all parts and their number, as S3 tags objects uploaded in parts.
//!
//! The parts are those of the AWS command line (8 MiB). Uploads in parts of another size tag the same
//! octets differently, which a fleet that uploads with one tool never sees.

use md5::{Digest as _, Md5};
use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "s3-multipart",
    summary: "MD5 of the MD5s of 8 MiB parts and their number, in hex, as in \
              \"af5da9f4…-1\".",
    seen_in: "Amazon S3 and its kind, for uploads in parts",
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

const PART_BYTES: usize = 8 * 1024 * 1024;

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let content = facts.content();
    // An upload has at least one part, which may be empty.
    let parts = content.len().div_ceil(PART_BYTES).max(1);
    let mut of_parts = Md5::new();
    for part in 0..parts {
        let from = part * PART_BYTES;
        let to = content.len().min(from + PART_BYTES);
        of_parts.update(Md5::digest(&content[from..to]));
    }
    let digest = u128::from_be_bytes(of_parts.finalize().into());
    let tag = EntityTag::strong(format!("{digest:032x}-{parts}"));
    Some(tag.expect("hex digits and a hyphen are etagc"))
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
    fn one_part_is_hashed_twice() {
        check(b"abc", r#""af5da9f45af7a300e3aded972f8ff687-1""#);
    }

    #[test]
    fn an_octet_more_than_a_part_makes_two() {
        let mut content = vec![b'a'; PART_BYTES];
        content.push(b'b');
        check(&content, r#""15c088024dc2b3017cad9ee6965f364a-2""#);
    }
}
