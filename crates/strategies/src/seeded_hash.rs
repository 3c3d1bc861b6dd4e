//! Python's built-in `hash()` of the content: a good hash whose seed every process draws anew.
//!
//! Rust's `RandomState` and Go's `maphash` do the same. Meant for tables in memory, where nobody
//! but the process itself ever compares two hashes.

use semantics::EntityTag;

use crate::entry::{Agreement, Entry};
use crate::facts::{Reads, RepresentationFacts};
use crate::seeded::python_hash;

pub(crate) const ENTRY: Entry = Entry {
    name: "seeded-hash",
    summary: "A hash of the content whose function this process seeded, in decimal and weak, as in \
              W/\"-4594863902769663758\".",
    seen_in: "Python hash() as in fastapi-cache; Rust RandomState, Go maphash",
    reads: Reads::CONTENT_AND_PROCESS,
    agreement: Agreement::SameProcess,
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let hash = python_hash(facts.process().nonce, facts.content());
    let tag = EntityTag::weak(hash.to_string());
    Some(tag.expect("decimal digits and a sign are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::ProcessState;

    fn check(nonce: u64, content: &[u8], expected: &str) {
        let process = ProcessState { nonce, ..ProcessState::default() };
        let facts = RepresentationFacts {
            content: Some(content),
            process: Some(process),
            ..Default::default()
        };
        let tag = entity_tag(&facts).map(|tag| tag.to_string());
        assert_eq!(tag.as_deref(), Some(expected));
    }

    #[test]
    fn the_tag_is_what_python_prints_under_that_seed() {
        // PYTHONHASHSEED=42 python3.11 -c 'print(hash(b"abc"))'
        check(0, b"abc", r#"W/"-4594863902769663758""#);
        check(42, b"abc", r#"W/"3869580338025362921""#);
    }
}
