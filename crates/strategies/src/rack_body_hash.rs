//! The hash of the body as `Rack::ETag` makes it, for every response anew.
//!
//! An empty body gets no tag. The middleware also leaves responses alone that carry
//! `Last-Modified`, which is not modelled.

use semantics::EntityTag;

use crate::digest::sha256_128_hex;
use crate::entry::{Computed, Entry};
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "rack-body-hash",
    summary: "The first 32 hex digits of the body's SHA-256, weak, for every response, as in \
              W/\"dffd6021…\".",
    seen_in: "Rack::ETag, hence Rails and Sinatra",
    computed: Computed::PerRequest,
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let body = facts.content();
    if body.is_empty() {
        return None;
    }
    let tag = EntityTag::weak(sha256_128_hex(body));
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
    fn the_tag_is_the_one_in_the_tests_of_rack() {
        check(b"Hello, World!", r#"W/"dffd6021bb2bd5b0af676290809ec3a5""#);
    }

    #[test]
    fn an_empty_body_has_no_tag() {
        assert_eq!(
            entity_tag(&RepresentationFacts { content: Some(b""), ..Default::default() }),
            None
        );
    }
}
