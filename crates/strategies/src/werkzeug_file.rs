//! Modification time and size of the file with a checksum of its path, as Werkzeug writes them.
//!
//! Copies of the lab lie at one path, as in images of one build.

use semantics::EntityTag;

use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "werkzeug-file",
    summary: "Mtime in seconds, size and a checksum of the path, as in \
              \"wzsdm-1700000000.5-12-843843096\".",
    seen_in: "Werkzeug SharedDataMiddleware; Flask send_file without the wzsdm",
    strategy: entity_tag,
    ..Entry::OF_FILE
};

/// Adler-32 of the path `/srv/config.json`.
const PATH_CHECKSUM: u32 = 843_843_096;

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let file = facts.file();
    // Through Python's `datetime`, which rounds to the nearest microsecond.
    let micros = file.modified_ns.saturating_add(500).div_euclid(1_000);
    let (seconds, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let fraction = format!("{fraction:06}");
    let fraction = match fraction.trim_end_matches('0') {
        "" => "0",
        digits => digits,
    };
    let tag = format!("wzsdm-{seconds}.{fraction}-{}-{PATH_CHECKSUM}", file.size_bytes);
    Some(EntityTag::strong(tag).expect("letters, digits, hyphens and a dot are etagc"))
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
    fn the_tags_are_what_werkzeug_2_2_made() {
        let at = |modified_ns| FileMetadata { inode: 7, size_bytes: 12, modified_ns };
        check(at(1_700_000_000_000_000_000), r#""wzsdm-1700000000.0-12-843843096""#);
        check(at(1_700_000_000_500_000_000), r#""wzsdm-1700000000.5-12-843843096""#);
        check(at(1_700_000_000_123_456_789), r#""wzsdm-1700000000.123457-12-843843096""#);
    }
}
