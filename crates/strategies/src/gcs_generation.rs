//! Generation of an object, packed, as Google Cloud Storage has it.
//!
//! Two numbers as a Protocol Buffers message in base64: the generation, and the generation of the
//! metadata, which stays 1 here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use semantics::EntityTag;

use crate::entry::{Agreement, Computed, Discrimination, Entry};
use crate::facts::{Reads, RepresentationFacts};

pub(crate) const ENTRY: Entry = Entry {
    name: "gcs-generation",
    summary: "The generation that the store gives the content, packed, as in \"CKih16GjycICEAE=\".",
    seen_in: "Google Cloud Storage",
    reads: Reads::REVISION,
    agreement: Agreement::SameRevision,
    tells_apart: Discrimination::Changes,
    // Whichever replica changes the content, all see the new generation.
    computed: Computed::PerRequest,
    strategy: |facts: &RepresentationFacts<'_>| Some(tag_of(facts.revision())),
    ..Entry::OF_CONTENT
};

fn tag_of(generation: u64) -> EntityTag {
    let mut message = vec![0x08];
    let mut rest = generation;
    while rest >= 0x80 {
        message.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    message.extend([rest as u8, 0x10, 1]);
    EntityTag::strong(STANDARD.encode(message)).expect("base64 is etagc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_tag_is_met() {
        // generation 1418688703353000, metageneration 1
        assert_eq!(tag_of(1_418_688_703_353_000).to_string(), r#""CKih16GjycICEAE=""#);
        assert_eq!(tag_of(7).to_string(), r#""CAcQAQ==""#);
    }
}
