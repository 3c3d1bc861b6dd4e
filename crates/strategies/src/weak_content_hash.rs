//! The content hash as a weak tag, which survives content codings on the way.
//!
//! Made when the content changes; `rack-body-hash` is the same tag made for every response.

use semantics::EntityTag;

use crate::digest::sha256_128_hex;
use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "weak-content-hash",
    summary: "The first 128 bits of the content's SHA-256, in hex, as a weak tag.",
    seen_in: "content hashes weakened by nginx, HAProxy or Cloudflare; Rack::ETag's form",
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let tag = EntityTag::weak(sha256_128_hex(facts.content()));
    Some(tag.expect("hex digits are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_has_the_form_of_rack_etag() {
        let tag = entity_tag(&RepresentationFacts { content: Some(b"abc"), ..Default::default() });
        let expected = r#"W/"ba7816bf8f01cfea414140de5dae2223""#;
        assert_eq!(tag.map(|tag| tag.to_string()).as_deref(), Some(expected));
    }
}
