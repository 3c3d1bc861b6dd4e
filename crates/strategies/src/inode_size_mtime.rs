//! Inode, size and modification time of the file, as Apache httpd wrote them until 2.4.
//!
//! Does not model httpd's `W/` for a file younger than a second, which weak comparison ignores.

use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "inode-size-mtime",
    summary: "Inode, size and mtime in microseconds, in hex, as in \"2c3a1-2d-432a5e4a73a80\".",
    seen_in: "Apache httpd before 2.4, and FileETag All since",
    strategy: entity_tag,
    ..Entry::OF_FILE
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let file = facts.file();
    // httpd prints all three as unsigned 64-bit numbers, times before 1970 too.
    let modified_us = file.modified_us() as u64;
    let opaque = format!("{:x}-{:x}-{modified_us:x}", file.inode, file.size_bytes);
    Some(EntityTag::strong(opaque).expect("hex digits and hyphens are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::FileMetadata;

    fn check(file: FileMetadata, expected: &str) {
        let facts = RepresentationFacts { file: Some(file), ..Default::default() };
        let tag = entity_tag(&facts).map(|tag| tag.to_string());
        assert_eq!(tag.as_deref(), Some(expected));
    }

    // The "It works!" page of httpd 2.x: 45 bytes, Mon, 11 Jun 2007 18:53:14 GMT, famous as
    // `"2d-432a5e4a73a80"` where FileETag leaves the inode out.
    const IT_WORKS: FileMetadata =
        FileMetadata { inode: 0x2_c3a1, size_bytes: 45, modified_ns: 1_181_587_994_000_000_000 };

    #[test]
    fn the_page_that_httpd_ships_has_its_well_known_tag() {
        check(IT_WORKS, r#""2c3a1-2d-432a5e4a73a80""#);
    }

    #[test]
    fn copies_of_one_file_with_its_times_kept_still_differ() {
        check(FileMetadata { inode: 0x2_c3a2, ..IT_WORKS }, r#""2c3a2-2d-432a5e4a73a80""#);
    }

    #[test]
    fn the_time_is_read_to_the_microsecond_and_no_further() {
        let modified_ns = IT_WORKS.modified_ns + 1_999;
        check(FileMetadata { modified_ns, ..IT_WORKS }, r#""2c3a1-2d-432a5e4a73a81""#);
    }

    #[test]
    fn nothing_is_one_digit_and_before_1970_is_unsigned() {
        check(FileMetadata { inode: 0, size_bytes: 0, modified_ns: 0 }, r#""0-0-0""#);
        let file = FileMetadata { inode: 1, size_bytes: 0, modified_ns: -1_000 };
        check(file, r#""1-0-ffffffffffffffff""#);
    }
}
