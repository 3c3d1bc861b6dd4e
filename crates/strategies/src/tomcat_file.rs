//! Size and modification time of the file in decimal, weak, as Tomcat's `DefaultServlet` writes them.

use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "tomcat-file",
    summary: "Size and mtime in milliseconds, in decimal and weak, as in W/\"12-1700000000123\".",
    seen_in: "Tomcat DefaultServlet, hence files of many Spring Boot applications",
    strategy: entity_tag,
    ..Entry::OF_FILE
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let file = facts.file();
    let tag = EntityTag::weak(format!("{}-{}", file.size_bytes, file.modified_ms()));
    Some(tag.expect("decimal digits and hyphens are etagc"))
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
    fn the_tag_is_what_tomcat_10_answered() {
        const SERVED: FileMetadata =
            FileMetadata { inode: 7, size_bytes: 12, modified_ns: 1_700_000_000_123_456_789 };
        check(SERVED, r#"W/"12-1700000000123""#);
    }
}
