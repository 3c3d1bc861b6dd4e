//! MD5 of the body as Spring's `ShallowEtagHeaderFilter` makes it, for every response anew.
//!
//! Shallow, because the whole response is rendered first: it saves bytes, not work.

use md5::{Digest as _, Md5};
use semantics::EntityTag;

use crate::digest::hex;
use crate::entry::{Agreement, Computed, Deployed, Discrimination, Entry};
use crate::facts::{Reads, RepresentationFacts};

pub(crate) const ENTRY: Entry = Entry {
    name: "spring-shallow",
    summary: "0 and the MD5 of the body, in hex, for every response, as in \"0b10a8db…\".",
    seen_in: "Spring ShallowEtagHeaderFilter",
    reads: Reads::CONTENT,
    agreement: Agreement::SameContent,
    tells_apart: Discrimination::Contents,
    computed: Computed::PerRequest,
    deployed: Deployed::AsGiven,
    strategy: entity_tag,
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let digest = Md5::digest(facts.content());
    let tag = EntityTag::strong(format!("0{}", hex(&digest)));
    Some(tag.expect("hex digits are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8], expected: &str) {
        let facts = RepresentationFacts::new().with_content(content);
        let tag = entity_tag(&facts).map(|tag| tag.to_string());
        assert_eq!(tag.as_deref(), Some(expected));
    }

    #[test]
    fn the_tag_is_the_one_in_the_tests_of_spring() {
        check(b"Hello World", r#""0b10a8db164e0754105b7a99be72e3fe5""#);
    }
}
