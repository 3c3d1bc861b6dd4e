//! Reads entity tags: which product's form one has, what its parts mean, and why several tags for
//! one content differ.
//!
//! A part is a size when it equals the number of bytes, a time when it is one (and a modification
//! time when `Last-Modified` agrees), an inode when it stands where one belongs. So forms that
//! nobody listed here are read as well. Pure; never claims more than the parts show.

mod cause;
mod difference;
mod form;
mod lighttpd;
mod mixed;
mod opaque;
mod parts;
mod starlette;

use semantics::HttpDate;

use crate::evidence::Digests;

pub(crate) use cause::{Cause, Difference};
pub(crate) use difference::compare;
pub(crate) use form::form;

/// Facts about the response that carried a tag.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts<'a> {
    /// Its content, decoded.
    pub(crate) content: Option<Digests>,
    /// The same as it travelled, compressed.
    pub(crate) coded: Option<Digests>,
    /// Its `Last-Modified`.
    pub(crate) last_modified: Option<HttpDate>,
    /// Its `Server`, in lower case; empty when absent.
    pub(crate) server: &'a str,
}

/// A tag's opaque part, and what came with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Specimen<'a> {
    /// Octets between the quotes.
    pub(crate) opaque: &'a [u8],
    pub(crate) facts: Facts<'a>,
}

impl<'a> Specimen<'a> {
    /// The tag as text without a coding's suffix; empty when it is not ASCII.
    fn base(&self) -> &'a str {
        let text = str::from_utf8(self.opaque).unwrap_or("");
        split_suffix(text).0
    }
}

const CODINGS: [&str; 8] = ["gzip", "br", "zstd", "deflate", "brotli", "gz", "df", "zst"];
const SEPARATORS: [char; 8] = ['-', ';', '+', ':', '.', '/', '_', '~'];

/// Takes off the suffix that a compressing server or gateway puts inside the quotes, separators
/// included: `-gzip`, `;br`, `+gzip`. Empty when there is none.
pub(crate) fn split_suffix(tag: &str) -> (&str, &str) {
    for coding in CODINGS {
        let Some(head) = tag.strip_suffix(coding) else { continue };
        let base = head.trim_end_matches(SEPARATORS);
        if base.len() < head.len() && !base.is_empty() {
            return tag.split_at(base.len());
        }
    }
    (tag, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_of_real_servers_come_off_and_nothing_else_does() {
        for (tag, expected) in [
            ("5f-6a-gzip", ("5f-6a", "-gzip")),
            ("abc--gzip", ("abc", "--gzip")),
            ("abc;gzip", ("abc", ";gzip")),
            ("abc+gzip", ("abc", "+gzip")),
            ("abc-br", ("abc", "-br")),
            ("abcgzip", ("abcgzip", "")),
            ("gzip", ("gzip", "")),
            ("-gzip", ("-gzip", "")),
            ("", ("", "")),
        ] {
            assert_eq!(split_suffix(tag), expected, "{tag}");
        }
    }
}
