//! A hash of inode, size and modification time of the file, as lighttpd makes it.
//!
//! The tag does not show that there is an inode in it, so that its cause is harder to see than
//! httpd's; `etag.use-inode = "disable"` takes it out.

use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "inode-hash",
    summary: "A 32-bit hash of inode, size and mtime, in decimal, as in \
              \"3473602277\".",
    seen_in: "lighttpd, unless etag.use-inode is disabled",
    strategy: entity_tag,
    ..Entry::OF_FILE
};

const NS_PER_S: i128 = 1_000_000_000;

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let file = facts.file();
    let fraction_ns = file.modified_ns.rem_euclid(NS_PER_S) as u64;
    let words = [file.inode, file.size_bytes, file.modified_s() as u64, fraction_ns];
    // lighttpd hashes the words as they lie in memory, which nearly everywhere is this way.
    let bytes: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
    let tag = EntityTag::strong(dek_hash(&bytes).to_string());
    Some(tag.expect("decimal digits are etagc"))
}

/// Knuth's hash (The Art of Computer Programming, volume 3, 6.4), begun with the length.
fn dek_hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(bytes.len() as u32, |hash, &byte| hash.rotate_left(5) ^ u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::FileMetadata;

    fn check(file: FileMetadata, expected: &str) {
        let tag = entity_tag(&RepresentationFacts { file: Some(file), ..Default::default() });
        assert_eq!(tag.map(|tag| tag.to_string()).as_deref(), Some(expected));
    }

    // What lighttpd 1.4.69 answered for a file that `stat` describes so.
    const SERVED: FileMetadata =
        FileMetadata { inode: 10_305_545, size_bytes: 8, modified_ns: 1_181_587_994_123_456_789 };

    #[test]
    fn the_tag_is_what_lighttpd_answered() {
        check(SERVED, r#""3473602277""#);
    }

    #[test]
    fn copies_of_one_file_with_its_times_kept_still_differ() {
        const IT_WORKS: FileMetadata =
            FileMetadata { inode: 181_153, size_bytes: 45, modified_ns: 1_181_587_994_000_000_000 };
        check(IT_WORKS, r#""1504507515""#);
        check(FileMetadata { inode: 181_154, ..IT_WORKS }, r#""1101854331""#);
    }
}
