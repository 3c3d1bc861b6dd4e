//! MD5 of the date of the last change, as `WordPress` tags its feeds.
//!
//! Says no more than Last-Modified: two changes within a second share the tag.

use md5::{Digest as _, Md5};
use semantics::{EntityTag, HttpDate};

use crate::entry::Entry;
use crate::facts::RepresentationFacts;

pub(crate) const ENTRY: Entry = Entry {
    name: "wordpress-feed",
    summary: "MD5 of Last-Modified, in hex, as in \"9e42d7cb…\".",
    seen_in: "WordPress feeds",
    strategy: entity_tag,
    ..Entry::OF_FILE
};

fn entity_tag(facts: &RepresentationFacts<'_>) -> Option<EntityTag> {
    let seconds = u64::try_from(facts.file().modified_s()).ok()?;
    let date = HttpDate::from_unix_seconds(seconds).ok()?;
    let digest = u128::from_be_bytes(Md5::digest(date.to_string()).into());
    Some(EntityTag::strong(format!("{digest:032x}")).expect("hex digits are etagc"))
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
    fn the_date_is_hashed_as_it_is_sent() {
        // md5("Tue, 14 Nov 2023 22:13:20 GMT")
        let file =
            FileMetadata { inode: 7, size_bytes: 12, modified_ns: 1_700_000_000_123_456_789 };
        check(file, r#""9e42d7cb68928f8d949493b0152a92bb""#);
    }
}
