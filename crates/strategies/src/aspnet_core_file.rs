//! Modification time of the file mixed with its size, in hex, as ASP.NET Core's static files have it.
//!
//! One number for both: a size that grows by what the time loses would keep the tag, which takes luck.

use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;
use crate::windows_time::{UNITS_PER_S, file_time};

pub(crate) const ENTRY: Entry = Entry {
    name: "aspnet-core-file",
    summary: "Windows time of the file in whole seconds xor its size, in hex, as in \
              \"1da1747c66d000c\".",
    seen_in: "ASP.NET Core UseStaticFiles",
    strategy: entity_tag,
    ..Entry::OF_FILE
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let file = facts.file();
    // The middleware cuts the time to what Last-Modified can say.
    let time = file_time(file.modified_ns);
    let seconds = time - time % UNITS_PER_S;
    Some(
        EntityTag::strong(format!("{:x}", seconds ^ file.size_bytes))
            .expect("hex digits are etagc"),
    )
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
    fn the_form_is_that_of_static_file_context() {
        // Convert.ToString(lastModified.ToFileTime() ^ length, 16)
        const CONFIG: FileMetadata =
            FileMetadata { inode: 7, size_bytes: 12, modified_ns: 1_700_000_000_123_456_789 };
        check(CONFIG, r#""1da1747c66d000c""#);
    }
}
