//! Something random from the start of the process, mixed into the tag.
//!
//! Never wrong, as counters are, but no two processes ever agree, and no restart keeps a tag.

use semantics::EntityTag;

use crate::entry::{Agreement, Computed, Deployed, Discrimination, Entry};
use crate::facts::{ProcessState, Reads, RepresentationFacts};

pub(crate) const ENTRY: Entry = Entry {
    name: "process-nonce",
    summary: "A random number of this process and its count of changes, as in \
              \"00f1e2d3c4b5a697-41\".",
    seen_in: "imgproxy in 2018, APIs with a random salt; Java identity hashes",
    reads: Reads::PROCESS,
    agreement: Agreement::SameProcess,
    tells_apart: Discrimination::Changes,
    computed: Computed::OnChange,
    deployed: Deployed::AsGiven,
    strategy: entity_tag,
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let ProcessState { nonce, changes_seen, .. } = facts.process();
    let tag = EntityTag::strong(format!("{nonce:016x}-{changes_seen}"));
    Some(tag.expect("hex digits and a hyphen are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(nonce: u64, changes_seen: u64, expected: &str) {
        let process = ProcessState { nonce, changes_seen, ..ProcessState::default() };
        let facts = RepresentationFacts { process: Some(process), ..Default::default() };
        let tag = entity_tag(&facts).map(|tag| tag.to_string());
        assert_eq!(tag.as_deref(), Some(expected));
    }

    #[test]
    fn the_nonce_has_sixteen_digits_and_the_count_as_many_as_it_needs() {
        check(0x00f1_e2d3_c4b5_a697, 41, r#""00f1e2d3c4b5a697-41""#);
        check(0, 0, r#""0000000000000000-0""#);
    }
}
