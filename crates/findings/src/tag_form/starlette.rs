//! Starlette's tag of a file: MD5 of its modification time and size, as Python prints them.
//!
//! A hash hides what it is made of, unless one can guess it: the seconds are those of Last-Modified,
//! and copies that are deployed have whole seconds or milliseconds. Says nothing of other programs.

use md5::{Digest as _, Md5};

use super::Specimen;

/// Name of such a tag in reports.
pub(super) const STARLETTE: &str = "Starlette form for files (md5 of mtime and size)";

/// The modification time, in seconds, of which such a tag is made.
pub(super) fn starlette(specimen: &Specimen<'_>) -> Option<f64> {
    let facts = specimen.facts;
    let tag = u128::from_str_radix(specimen.base(), 16).ok()?;
    if specimen.base().len() != 32 {
        return None;
    }
    let (size, seconds) = (facts.content?.bytes, facts.last_modified?.unix_seconds());
    let candidates = (0..1_000_u32).map(|millis| seconds as f64 + f64::from(millis) / 1_000.0);
    let hash = |time: &f64| Md5::digest(format!("{time:?}-{size}")).into();
    candidates.into_iter().find(|time| u128::from_be_bytes(hash(time)) == tag)
}

#[cfg(test)]
mod tests {
    use semantics::HttpDate;

    use super::*;
    use crate::evidence::Digests;
    use crate::tag_form::Facts;

    #[test]
    fn whole_seconds_and_milliseconds_are_found_and_nothing_else() {
        // `hashlib.md5(b"1700000007.0-612").hexdigest()`, and the same with .25 and .123456.
        for (tag, expected) in [
            ("e5f89438a06f37c8657f922421ee6470", Some(1_700_000_007.0)),
            ("11ca51581b1a482c3ca51f9a979e7f3f", Some(1_700_000_007.25)),
            ("9d6b5756452e6d9a015fcd2834239a07", None),
            ("abab", None),
        ] {
            let facts = Facts {
                content: Some(Digests::of(&[b'x'; 612])),
                last_modified: HttpDate::from_unix_seconds(1_700_000_007).ok(),
                ..Facts::default()
            };
            let specimen = Specimen { opaque: tag.as_bytes(), facts };
            assert_eq!(starlette(&specimen), expected, "{tag}");
        }
    }
}
