//! The version that a database keeps beside the content, for every replica to read.
//!
//! Costs a look-up and no hash. Never agrees by content: content that comes back has a new version.

use semantics::EntityTag;

use crate::entry::{Agreement, Computed, Deployed, Discrimination, Entry};
use crate::facts::{Reads, RepresentationFacts};

pub(crate) const ENTRY: Entry = Entry {
    name: "version",
    summary: "The version stored with the content in a shared database, as in \"v7\".",
    seen_in: "version or xmin columns, Hibernate @Version, Flipt",
    reads: Reads::REVISION,
    agreement: Agreement::SameRevision,
    tells_apart: Discrimination::Changes,
    computed: Computed::PerRequest,
    deployed: Deployed::AsGiven,
    strategy: entity_tag,
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let tag = EntityTag::strong(format!("v{}", facts.revision()));
    Some(tag.expect("a letter and decimal digits are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_the_version_and_nothing_else() {
        let tag = entity_tag(&RepresentationFacts { revision: Some(7), ..Default::default() });
        assert_eq!(tag.map(|tag| tag.to_string()).as_deref(), Some(r#""v7""#));
    }
}
