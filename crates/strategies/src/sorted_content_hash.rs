//! The repair of a hash over map order: the same maps, their members sorted by name.
//!
//! Weak, because of blank space between members only its length is hashed: equal tags mean equal
//! objects, not equal octets (RFC 9110 §8.8.1). Content that is no JSON object is hashed as it is.

use semantics::EntityTag;

use crate::digest::sha256_128_hex;
use crate::entry::Entry;
use crate::facts::{Reads, RepresentationFacts};
use crate::json_map::rewritten;

pub(crate) const ENTRY: Entry = Entry {
    name: "sorted-content-hash",
    summary: "SHA-256 of the JSON object with its members sorted, first 128 bits in hex, weak.",
    seen_in: "canonical JSON: sort_keys=True, ORDER_MAP_ENTRIES_BY_KEYS; Skipper sorts its routes",
    reads: Reads::CONTENT_AND_PROCESS,
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let content = facts.content();
    // The maps are still those of this process. Sorting is what makes the seed not matter.
    let text = rewritten(content, facts.process().nonce, |members| {
        let mut members: Vec<_> = members.collect();
        members.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        members
    });
    let tag = EntityTag::weak(sha256_128_hex(text.as_deref().unwrap_or(content)));
    Some(tag.expect("hex digits are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::ProcessState;

    fn tag(nonce: u64, content: &str) -> Option<String> {
        let process = ProcessState { nonce, ..ProcessState::default() };
        let (content, process) = (Some(content.as_bytes()), Some(process));
        let facts = RepresentationFacts { content, process, ..Default::default() };
        entity_tag(&facts).map(|tag| tag.to_string())
    }

    #[test]
    fn neither_the_process_nor_the_order_of_the_members_matters() {
        let one = tag(1, r#"{"a":1,"b":{"c":3,"d":4},"e":5,"f":6}"#);
        assert_eq!(one, tag(2, r#"{"f":6,"e":5,"b":{"d":4,"c":3},"a":1}"#));
        assert_ne!(one, tag(1, r#"{"a":1,"b":{"c":3,"d":4},"e":5,"f":7}"#));
        assert_ne!(tag(1, "[1,2]"), tag(1, "[2,1]"));
    }

    #[test]
    fn what_is_no_object_is_hashed_as_it_is() {
        let expected = r#"W/"ba7816bf8f01cfea414140de5dae2223""#;
        assert_eq!(tag(1, "abc").as_deref(), Some(expected));
    }
}
