//! Modification time that the store gives a blob, in hex, as Azure Blob Storage has it.
//!
//! The store is one, so that its tags agree; replicas that copy the blob and its way of tagging agree
//! only if they copy the time.

use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;
use crate::windows_time::ticks;

pub(crate) const ENTRY: Entry = Entry {
    name: "azure-blob",
    summary: "Time in units of 100 ns since year 1, in hex, as in \"0x8D4BCC2E4835CD0\".",
    seen_in: "Azure Blob Storage; .NET code that tags with Ticks",
    strategy: entity_tag,
    ..Entry::OF_FILE
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let ticks = ticks(facts.file().modified_ns);
    Some(EntityTag::strong(format!("0x{ticks:X}")).expect("hex digits are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::FileMetadata;

    fn check(file: FileMetadata, expected: &str) {
        let tag = entity_tag(&RepresentationFacts { file: Some(file), ..Default::default() });
        assert_eq!(tag.map(|tag| tag.to_string()).as_deref(), Some(expected));
    }

    #[test]
    fn the_time_is_counted_in_ticks() {
        // 2017-06-26T18:41:00.9574096Z
        let modified_ns = 1_498_502_460_957_409_600;
        check(FileMetadata { inode: 7, size_bytes: 12, modified_ns }, r#""0x8D4BCC2E4835CD0""#);
    }
}
