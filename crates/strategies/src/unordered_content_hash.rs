//! A hash of the content as a hash map writes it down, in an order that every process has for
//! itself: it looks like a content hash, and is none.
//!
//! Only the hash is disordered, the content served is what was deployed. Content that is no JSON
//! object has no members to disorder and is hashed as it is; then the tags agree, as they may by
//! accident for an object of a few members.

use semantics::EntityTag;

use crate::digest::sha256_128_hex;
use crate::entry::{Agreement, Entry};
use crate::facts::{Reads, RepresentationFacts};
use crate::json_map::rewritten;

pub(crate) const ENTRY: Entry = Entry {
    name: "unordered-content-hash",
    summary: "SHA-256 of the JSON object in the order of this process's hash maps, first 128 bits \
              in hex.",
    seen_in: "HashMap, dict or Go map serialised without sorting, as in Eve and Incus before their \
              repair",
    reads: Reads::CONTENT_AND_PROCESS,
    agreement: Agreement::SameProcess,
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let content = facts.content();
    let seed = facts.process().nonce;
    // Taking the members as they come is the fault that is modelled.
    let text = rewritten(content, seed, |members| members.collect());
    let tag = EntityTag::strong(sha256_128_hex(text.as_deref().unwrap_or(content)));
    Some(tag.expect("hex digits are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::ProcessState;

    const CONFIG: &str = r#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9}"#;

    fn tag(nonce: u64, content: &str) -> Option<String> {
        let process = ProcessState { nonce, ..ProcessState::default() };
        let (content, process) = (Some(content.as_bytes()), Some(process));
        let facts = RepresentationFacts { content, process, ..Default::default() };
        entity_tag(&facts).map(|tag| tag.to_string())
    }

    #[test]
    fn one_process_agrees_with_itself_and_two_do_not() {
        assert_eq!(tag(1, CONFIG), tag(1, CONFIG));
        assert_ne!(tag(1, CONFIG), tag(2, CONFIG));
    }

    #[test]
    fn what_is_no_object_is_hashed_as_it_is() {
        for nonce in [1, 2] {
            let expected = r#""ba7816bf8f01cfea414140de5dae2223""#;
            assert_eq!(tag(nonce, "abc").as_deref(), Some(expected));
        }
    }
}
