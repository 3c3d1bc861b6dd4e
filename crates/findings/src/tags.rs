//! Tags alone, as a log has them: read without the content that they stand for.

use crate::evidence::{Digests, inner};
use crate::tag_form::{self, Cause, Facts, Specimen};

/// Reading of several tags of contents of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Cause of their difference, one of those of `node-local-tag`.
    pub cause: &'static str,
    /// Explanation in one sentence without a full stop.
    pub explanation: String,
}

/// Reads the difference between tags, as they travelled, of contents with so many bytes.
pub fn read(tags: &[&[u8]], bytes: u64) -> Reading {
    // The content is not known: hashes of another one match no tag.
    let unseen = Digests { bytes, ..Digests::of(b"a content that was not seen") };
    let facts = Facts { content: Some(unseen), ..Facts::default() };
    let specimens: Vec<_> = tags.iter().map(|tag| Specimen { opaque: inner(tag), facts }).collect();
    let difference = tag_form::compare(&specimens);
    if difference.is_read {
        return Reading { cause: difference.cause.name(), explanation: difference.explanation };
    }
    // What is guessed rests on the content.
    let form = specimens.first().map(tag_form::form).unwrap_or_default();
    let explanation =
        format!("{form}: made of something that not all servers share, which the tags do not show");
    Reading { cause: Cause::Unknown.name(), explanation }
}

/// Reports whether a tag ends with the suffix of a coding, such as `-gzip`.
pub fn has_suffix(opaque: &str) -> bool {
    !tag_form::split_suffix(opaque).1.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_without_the_content() {
        for (tags, bytes, cause, words) in [
            (["\"41\"", "\"18\""], 8_192, "process", "counter of each process"),
            (["\"5f5e1000-2000\"", "\"5f5e100a-2000\""], 8_192, "mtime", "10 s apart"),
            (["\"9c1f0a5f5be2d0a1\"", "\"77aa0a5f5be2d0ff\""], 5, "unknown", "do not show"),
            (["\"1a2b-5-5ae4a3c2d1e40\"", "\"9c8d-5-5ae4a3c2d1e40\""], 5, "inode", "inode"),
        ] {
            let reading = read(&tags.map(str::as_bytes), bytes);
            assert_eq!(reading.cause, cause, "{reading:?}");
            assert!(reading.explanation.contains(words), "{reading:?}");
        }
    }
}
