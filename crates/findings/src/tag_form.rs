//! Reads entity tags: which product's form one has, what its parts mean, and why several tags for
//! one content differ.
//!
//! A part is a size when it equals the number of bytes, a time when it is one (and a modification
//! time when `Last-Modified` agrees), an inode when it stands where one belongs. So forms that
//! nobody listed here are read as well. Pure; never claims more than the parts show.

mod apart;
mod cause;
mod constant;
mod difference;
mod form;
mod guess;
mod hashes;
mod lighttpd;
mod mixed;
mod moment;
mod opaque;
mod parts;
mod products;

use semantics::HttpDate;

use crate::evidence::Digests;

pub(crate) use cause::{Cause, Difference, span};
pub(crate) use constant::{build_constant, is_of_date_and_size, is_round, minute_just_past};
pub(crate) use difference::{compare, is_of_modification, is_of_other_time};
pub(crate) use form::form;
pub(crate) use hashes::Hashes;
pub(crate) use moment::field_date;

/// Facts about the response that carried a tag.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts<'a> {
    /// Its content, decoded.
    pub(crate) content: Option<Digests>,
    /// The same as it travelled, compressed.
    pub(crate) coded: Option<Digests>,
    /// Further hashes of the content, where it was kept whole.
    pub(crate) hashes: Option<&'a Hashes<'a>>,
    /// Its `Last-Modified`.
    pub(crate) last_modified: Option<HttpDate>,
    /// True if the tag is known to be strong.
    pub(crate) is_strong: bool,
    /// Its `Date`.
    pub(crate) date: Option<HttpDate>,
    /// True if the tag was met again after others, so that it is not made of the time of each response.
    pub(crate) is_lasting: bool,
    /// True if ranges are served, as servers of files do.
    pub(crate) has_ranges: bool,
    /// Its `Server`, in lower case; empty when absent.
    pub(crate) server: &'a str,
}

impl Facts<'_> {
    /// Reports whether `Last-Modified` is the time of the response.
    pub(crate) fn is_dated_by_clock(&self) -> bool {
        let seconds = [self.last_modified, self.date].map(|date| Some(date?.unix_seconds()));
        matches!(seconds, [Some(modified), Some(now)] if modified.abs_diff(now) <= 1)
    }
}

/// A tag's text, and what came with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Specimen<'a> {
    /// Octets between the quotes, or all of them where there are none.
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
/// included: `-gzip`, `;br`, `+gzip`. Empty when there is none. Quotes around the tag are left out.
pub(crate) fn split_suffix(tag: &str) -> (&str, &str) {
    let tag = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag);
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
            ("\"abc-br\"", ("abc", "-br")),
            ("\"abc\"", ("abc", "")),
            ("abcgzip", ("abcgzip", "")),
            ("gzip", ("gzip", "")),
            ("-gzip", ("-gzip", "")),
            ("", ("", "")),
        ] {
            assert_eq!(split_suffix(tag), expected, "{tag}");
        }
    }
}
