//! The moment at which the response is rendered, and nothing else.
//!
//! No two responses have one tag, so that not even a single replica answers 304.

use semantics::EntityTag;

use crate::entry::{Agreement, Computed, Entry};
use crate::facts::{Reads, RepresentationFacts};

pub(crate) const ENTRY: Entry = Entry {
    name: "rendering-time",
    summary: "The time at which the response is rendered, in microseconds, as in \
              \"1700000000123456\".",
    seen_in: "Drupal, in seconds; pages that tag with microtime() or the time of their cache entry",
    reads: Reads::MOMENT,
    agreement: Agreement::Never,
    computed: Computed::PerRequest,
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let tag = EntityTag::strong((facts.moment_ns() / 1_000).to_string());
    Some(tag.expect("digits are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_the_time_in_microseconds() {
        let moment_ns = Some(1_700_000_000_123_456_789);
        let tag = entity_tag(&RepresentationFacts { moment_ns, ..Default::default() });
        let tag = tag.map(|tag| tag.to_string());
        assert_eq!(tag.as_deref(), Some("\"1700000000123456\""));
    }
}
