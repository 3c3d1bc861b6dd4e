//! Modification time in whole seconds and size of the file, as nginx writes them.
//!
//! Knows no inode, so copies agree as long as a deployment preserves times; where times are
//! frozen (reproducible builds), different contents of one size agree as well.

use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "mtime-size",
    summary: "Mtime in seconds and size, in hex, as in \"574da256-264\".",
    seen_in: "nginx, WhiteNoise",
    strategy: entity_tag,
    ..Entry::OF_FILE
};

pub(crate) fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let file = facts.file();
    let modified_s = file.modified_s();
    // nginx prints times before 1970 with a sign.
    let sign = if modified_s < 0 { "-" } else { "" };
    let opaque = format!("{sign}{:x}-{:x}", modified_s.unsigned_abs(), file.size_bytes);
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

    // The welcome page of nginx 1.11.1: 612 bytes, Tue, 31 May 2016 14:40:22 GMT.
    const WELCOME: FileMetadata =
        FileMetadata { inode: 7, size_bytes: 612, modified_ns: 1_464_705_622_000_000_000 };

    #[test]
    fn the_page_that_nginx_ships_has_its_well_known_tag() {
        check(WELCOME, r#""574da256-264""#);
    }

    #[test]
    fn neither_the_inode_nor_a_fraction_of_a_second_is_read() {
        let modified_ns = WELCOME.modified_ns + 999_999_999;
        check(FileMetadata { inode: 8, modified_ns, ..WELCOME }, r#""574da256-264""#);
    }

    #[test]
    fn an_empty_file_from_before_1970_has_a_tag() {
        check(FileMetadata { size_bytes: 0, modified_ns: -1, ..WELCOME }, r#""-1-0""#);
    }
}
