//! No entity tag: the baseline of an API that never heard of validators.
//!
//! Says nothing about `Last-Modified`, which a replica may send all the same.

use semantics::EntityTag;

use crate::entry::{Agreement, Computed, Deployed, Discrimination, Entry};
use crate::facts::{Reads, RepresentationFacts};

pub(crate) const ENTRY: Entry = Entry {
    name: "none",
    summary: "No entity tag at all: every poll transfers the content.",
    seen_in: "APIs without validators; Go http.FileServer (date only); Envoy compressing a response with a strong tag",
    reads: Reads::NOTHING,
    agreement: Agreement::NoTag,
    tells_apart: Discrimination::Nothing,
    computed: Computed::OnChange,
    deployed: Deployed::AsGiven,
    strategy: entity_tag,
};

fn entity_tag(_facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    None
}
