//! A random tag for each path, kept in a store that every replica reads.
//!
//! Knows nothing of the content: whoever changes the resource puts a new tag into the store, and the
//! order in which that happens is all that keeps it honest.

use semantics::EntityTag;

use crate::entry::{Agreement, Computed, Deployed, Discrimination, Entry};
use crate::facts::{Reads, RepresentationFacts};

pub(crate) const ENTRY: Entry = Entry {
    name: "shared-revision",
    summary: "A random tag per path in a shared store, renewed by each change of the resource.",
    seen_in: "GitLab EtagCaching",
    reads: Reads::SHARED_TAG,
    agreement: Agreement::SameRevision,
    tells_apart: Discrimination::Changes,
    computed: Computed::PerRequest,
    deployed: Deployed::AsGiven,
    strategy: entity_tag,
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    facts.shared_tag().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_what_the_store_says_and_nothing_where_it_has_none() {
        let shared = EntityTag::weak("4f1c").expect("hexadecimal digits are etagc");
        for said in [Some(&shared), None] {
            let facts = RepresentationFacts { shared_tag: Some(said), ..Default::default() };
            assert_eq!(entity_tag(&facts).as_ref(), said);
        }
    }
}
