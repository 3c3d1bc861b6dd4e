//! The moment at which the process started, mixed into a hash of the content.
//!
//! Changes with the content as it should, and with every restart and replica as it should not.

use semantics::EntityTag;

use crate::digest::sha256_128_hex;
use crate::entry::{Agreement, Entry};
use crate::facts::{Reads, RepresentationFacts};

pub(crate) const ENTRY: Entry = Entry {
    name: "start-time",
    summary: "The start of this process in nanoseconds and a hash of the content, as in \
              \"187a5f3c2b1d4e00-ba78…\".",
    seen_in: "RavenDB, Pathling; APIs that tag with the time of their deployment",
    reads: Reads::CONTENT_AND_PROCESS,
    agreement: Agreement::SameProcess,
    strategy: entity_tag,
    ..Entry::OF_CONTENT
};

// Half a hash keeps the tag short: the start of the process already makes it differ.
const DIGITS: usize = 16;

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let started_ns = facts.process().started_ns;
    let hash = &sha256_128_hex(facts.content())[..DIGITS];
    let tag = EntityTag::strong(format!("{started_ns:x}-{hash}"));
    Some(tag.expect("hex digits and a hyphen are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::ProcessState;

    fn check(started_ns: u64, content: &[u8], expected: &str) {
        let process = ProcessState { started_ns, nonce: 9, changes_seen: 9 };
        let facts = RepresentationFacts {
            content: Some(content),
            process: Some(process),
            ..Default::default()
        };
        let tag = entity_tag(&facts).map(|tag| tag.to_string());
        assert_eq!(tag.as_deref(), Some(expected));
    }

    #[test]
    fn the_tag_holds_the_start_and_half_of_half_a_digest() {
        check(0x187a_5f3c_2b1d_4e00, b"abc", r#""187a5f3c2b1d4e00-ba7816bf8f01cfea""#);
        check(0x187a_5f3c_2b1d_4e00, b"", r#""187a5f3c2b1d4e00-e3b0c44298fc1c14""#);
        check(1, b"abc", r#""1-ba7816bf8f01cfea""#);
    }
}
