//! A counter of changes, kept in the memory of the process.
//!
//! Not only slow but wrong: replicas whose histories differ can say `"7"` for different contents.

use semantics::EntityTag;

use crate::entry::{Agreement, Computed, Deployed, Discrimination, Entry};
use crate::facts::{Reads, RepresentationFacts};

pub(crate) const ENTRY: Entry = Entry {
    name: "per-process-counter",
    summary: "The number of changes this process has seen, as in \"41\".",
    seen_in: "naive APIs that count versions in memory",
    reads: Reads::PROCESS,
    agreement: Agreement::SameProcess,
    tells_apart: Discrimination::Changes,
    computed: Computed::OnChange,
    deployed: Deployed::AsGiven,
    strategy: entity_tag,
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let tag = EntityTag::strong(facts.process().changes_seen.to_string());
    Some(tag.expect("decimal digits are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::ProcessState;

    fn check(changes_seen: u64, expected: &str) {
        let process = ProcessState { changes_seen, ..ProcessState::default() };
        let facts = RepresentationFacts { process: Some(process), ..Default::default() };
        let tag = entity_tag(&facts).map(|tag| tag.to_string());
        assert_eq!(tag.as_deref(), Some(expected));
    }

    #[test]
    fn the_tag_is_the_count_and_nothing_else() {
        check(41, r#""41""#);
        check(0, r#""0""#);
        check(u64::MAX, r#""18446744073709551615""#);
    }
}
