//! Size and modification time in milliseconds of the file, as Express writes them for files.
//!
//! Weak, because two edits within one millisecond and of one size are told apart by nothing.

use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "size-mtime-ms",
    summary: "Size and mtime in milliseconds, in hex and weak, as in \
              W/\"264-15507421ff0\".",
    seen_in: "Express serve-static (send), Fastify static files",
    strategy: entity_tag,
    ..Entry::OF_FILE
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let file = facts.file();
    let modified_ms = file.modified_ms();
    // JavaScript prints negative numbers with a sign, in any base.
    let sign = if modified_ms < 0 { "-" } else { "" };
    let opaque = format!("{:x}-{sign}{:x}", file.size_bytes, modified_ms.unsigned_abs());
    Some(EntityTag::weak(opaque).expect("hex digits and hyphens are etagc"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::FileMetadata;

    fn check(file: FileMetadata, expected: &str) {
        let tag = entity_tag(&RepresentationFacts { file: Some(file), ..Default::default() });
        assert_eq!(tag.map(|tag| tag.to_string()).as_deref(), Some(expected));
    }

    // stattag() of the module `etag`: size.toString(16) + '-' + mtime.getTime().toString(16).
    const WELCOME: FileMetadata =
        FileMetadata { inode: 7, size_bytes: 612, modified_ns: 1_464_705_622_000_000_000 };

    #[test]
    fn the_form_is_that_of_the_module_etag() {
        check(WELCOME, r#"W/"264-15507421ff0""#);
    }

    #[test]
    fn the_time_is_read_to_the_millisecond_and_no_further() {
        let modified_ns = WELCOME.modified_ns + 1_999_999;
        check(FileMetadata { inode: 8, modified_ns, ..WELCOME }, r#"W/"264-15507421ff1""#);
    }

    #[test]
    fn an_empty_file_from_before_1970_has_a_tag() {
        check(FileMetadata { size_bytes: 0, modified_ns: -1, ..WELCOME }, r#"W/"0--1""#);
    }
}
