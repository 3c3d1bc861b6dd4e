//! Modification time and size of the file, each mixed with a hash of its path, weak, as Jetty writes
//! them.
//!
//! The path is that of the unpacked copy, so that copies in folders of different names differ too.
//! Copies of the lab lie at one path, as in images of one build.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "jetty-file",
    summary: "Mtime and size, each mixed with a hash of the path, in base64 and weak, as in \
              W/\"5WubLe9AOqQ5WuapiClUtM\".",
    seen_in: "Jetty 9 and 10 (ResourceHandler, DefaultServlet with etags)",
    strategy: entity_tag,
    ..Entry::OF_FILE
};

const PATH: &str = "/srv/config.json";

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let file = facts.file();
    // As `String.hashCode`, but with 64 bits.
    let hash =
        PATH.bytes().fold(0_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let encoded = |number: u64| STANDARD_NO_PAD.encode((number ^ hash).to_be_bytes());
    // A long of Java holds every time that Java can give a file.
    let tag = EntityTag::weak(encoded(file.modified_ms() as u64) + &encoded(file.size_bytes));
    Some(tag.expect("base64 is etagc"))
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
    fn the_tag_is_what_jetty_9_4_57_answered() {
        const SERVED: FileMetadata =
            FileMetadata { inode: 7, size_bytes: 12, modified_ns: 1_700_000_000_123_456_789 };
        check(SERVED, r#"W/"ebb8bnuXn5Yebb95bRy9+E""#);
    }
}
