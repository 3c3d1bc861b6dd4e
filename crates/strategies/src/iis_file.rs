//! Modification time of the file as IIS writes it, since version 7 with 0 for the change number.
//!
//! The size is not in it. The versions before 7 count changes of their configuration behind the colon:
//! `iis-change-number`.

use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;
use crate::windows_time::file_time;

pub(crate) const ENTRY: Entry = Entry {
    name: "iis-file",
    summary: "Windows time of the file, octet by octet in hex, and 0, as in \"704349d01ce1c61:0\".",
    seen_in: "IIS 7 and later",
    strategy: |facts| entity_tag(facts, 0),
    ..Entry::OF_FILE
};

/// Tag with this change number.
pub(crate) fn entity_tag(facts: &RepresentationFacts<'_>, changes: u16) -> Option<EntityTag> {
    // The lowest octet first, each without a leading zero: no number of fixed width, and no reading
    // backwards.
    let octets = file_time(facts.file().modified_ns).to_le_bytes();
    let octets = octets.map(|octet| format!("{octet:x}")).concat();
    Some(EntityTag::strong(format!("{octets}:{changes:x}")).expect("hex and a colon are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::FileMetadata;

    #[test]
    fn the_time_is_the_one_of_a_published_answer() {
        // Last-Modified: Tue, 26 Sep 2006 03:35:29 GMT, ETag: "704349d01ce1c61:d05"
        let file =
            FileMetadata { inode: 7, size_bytes: 4_835, modified_ns: 1_159_241_729_643_403_200 };
        let facts = RepresentationFacts { file: Some(file), ..Default::default() };
        let tag = entity_tag(&facts, 0xd05).map(|tag| tag.to_string());
        assert_eq!(tag.as_deref(), Some(r#""704349d01ce1c61:d05""#));
    }
}
