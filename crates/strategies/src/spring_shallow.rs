//! MD5 of the body as Spring's `ShallowEtagHeaderFilter` makes it, for every response anew.
//!
//! Shallow, because the whole response is rendered first: it saves bytes, not work.

use md5::{Digest as _, Md5};
use semantics::EntityTag;

use crate::entry::{Computed, Entry};
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "spring-shallow",
    summary: "0 and the MD5 of the body, in hex, for every response, as in \"0b10a8db…\".",
    seen_in: "Spring ShallowEtagHeaderFilter",
    computed: Computed::PerRequest,
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let digest = u128::from_be_bytes(Md5::digest(facts.content()).into());
    let tag = EntityTag::strong(format!("0{digest:032x}"));
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
    fn the_tag_is_the_one_in_the_tests_of_spring() {
        check(b"Hello World", r#""0b10a8db164e0754105b7a99be72e3fe5""#);
    }
}
