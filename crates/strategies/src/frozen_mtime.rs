//! nginx's tag over copies whose times were frozen: other content of the same size, same tag.
//!
//! The other direction of the disease: the replicas agree, and clients keep stale content. Its
//! copy really is stamped; by hand with a file of yours, the file is left as it is.

use super::mtime_size;
use crate::entry::{Deployed, Discrimination, Entry};

pub(crate) const ENTRY: Entry = Entry {
    name: "frozen-mtime",
    summary: "mtime-size over copies stamped with second 1 of 1970, as in \"1-264\".",
    seen_in: "nginx in front of the Nix store or of reproducible images (SOURCE_DATE_EPOCH)",
    tells_apart: Discrimination::Sizes,
    deployed: Deployed::StampedWith(1),
    strategy: mtime_size::entity_tag,
    ..Entry::OF_FILE
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{FileMetadata, RepresentationFacts};

    #[test]
    fn every_page_of_one_size_has_the_tag_that_nginx_gave_the_nix_store() {
        let file = FileMetadata { inode: 7, size_bytes: 612, modified_ns: 1_000_000_000 };
        let tag = (ENTRY.strategy)(&RepresentationFacts { file: Some(file), ..Default::default() });
        assert_eq!(tag.map(|tag| tag.to_string()).as_deref(), Some(r#""1-264""#));
    }
}
