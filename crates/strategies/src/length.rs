//! The length of the content and nothing else.
//!
//! Agrees everywhere, and stays when a digit becomes another digit.

use semantics::EntityTag;

use crate::entry::{Discrimination, Entry};
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "length",
    summary: "The length of the content in hex, as in \"2000\": other content of that length keeps the tag.",
    seen_in: "hand-written middleware; tags of which a proxy left only the size",
    tells_apart: Discrimination::Sizes,
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let tag = EntityTag::strong(format!("{:x}", facts.content().len()));
    Some(tag.expect("hex digits are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_of_one_length_share_a_tag() {
        let of = |content| {
            let facts = RepresentationFacts { content: Some(content), ..Default::default() };
            entity_tag(&facts).map(|tag| tag.to_string())
        };
        assert_eq!(of(b"0123456789abcdef").as_deref(), Some(r#""10""#));
        assert_eq!(of(b"a"), of(b"b"));
    }
}
