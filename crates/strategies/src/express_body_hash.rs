//! Length and SHA-1 of the body as Express makes them, for every response anew.
//!
//! Weak, as the setting `etag` of Express is until somebody makes it `"strong"`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use semantics::EntityTag;
use sha1::{Digest as _, Sha1};

use crate::entry::{Computed, Entry};
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "express-body-hash",
    summary: "Length in hex and SHA-1 of the body in base64, weak, for every response, as in \
              W/\"c-Lve95gjOVATp…\".",
    seen_in: "Express res.send, koa-etag",
    computed: Computed::PerRequest,
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

/// Characters of the hash without the padding of base64.
const HASH_CHARS: usize = 27;

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let body = facts.content();
    let mut hash = STANDARD.encode(Sha1::digest(body));
    hash.truncate(HASH_CHARS);
    let tag = EntityTag::weak(format!("{:x}-{hash}", body.len()));
    Some(tag.expect("base64 and hex digits are etagc"))
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
    fn hello_world_has_its_well_known_tag() {
        check(b"Hello World!", r#"W/"c-Lve95gjOVATpfV8EL5X4nxwjKHE""#);
    }

    #[test]
    fn an_empty_body_has_the_tag_of_the_fast_path() {
        check(b"", r#"W/"0-2jmj7l5rSw0yVb/vlWAYkK/YBwk""#);
    }
}
