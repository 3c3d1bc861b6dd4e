//! Tags that nobody issued: a server that answers 304 to one does not look at what it says.
//! Makes no request: the plan sends them, and the judges recognise them.

use super::{inner, is_weak};
use crate::tag_form::split_suffix;

/// Tags that look like no server's.
pub const NOBODYS: [&[u8]; 2] = [b"\"etag-lab-nobodys-tag\"", b"\"etag-lab-nobodys-other-tag\""];

/// Characters below which a changed one may make the tag of another edition.
const SHORTEST: usize = 8;

/// Two tags in the shape of a real one, of its strength and of the other: same length and alphabet,
/// same suffix of a coding, one character in the middle changed. `None` of short tags.
pub fn in_shape_of(tag: &[u8]) -> Option<[Vec<u8>; 2]> {
    let text = str::from_utf8(inner(tag)).ok()?;
    let base = split_suffix(text).0;
    let places = base.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_alphanumeric());
    let middle = places.map(|(at, _)| at).min_by_key(|at| at.abs_diff(base.len() / 2))?;
    if base.len() < SHORTEST || !tag.ends_with(b"\"") {
        return None;
    }
    let mut changed = text.as_bytes().to_vec();
    changed[middle] = next(changed[middle]);
    let strong = [b"\"", changed.as_slice(), b"\""].concat();
    let weak = [b"W/", strong.as_slice()].concat();
    Some(if is_weak(tag) { [weak, strong] } else { [strong, weak] })
}

/// A tag that holds a real one as a part, as the tag of another edition may: `"v1"` in `"v10"`.
pub fn holding(tag: &[u8]) -> Option<Vec<u8>> {
    let begun =
        tag.strip_suffix(b"\"").filter(|begun| begun.len() > 1 && !inner(tag).is_empty())?;
    Some([begun, b"-etag-lab\""].concat())
}

/// Another character of the same alphabet: digits, hexadecimal letters, other letters.
fn next(byte: u8) -> u8 {
    match byte {
        b'9' => b'0',
        b'f' => b'a',
        b'F' => b'A',
        b'z' => b'g',
        b'Z' => b'G',
        other => other + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tag: &str, expected: Option<[&str; 2]>) {
        let expected = expected.map(|both| both.map(|one| one.as_bytes().to_vec()));
        assert_eq!(in_shape_of(tag.as_bytes()), expected, "{tag}");
    }

    #[test]
    fn a_stranger_differs_in_one_character_of_the_same_alphabet() {
        check(r#""65534f58-1a""#, Some([r#""65534a58-1a""#, r#"W/"65534a58-1a""#]));
        check(r#""0123f567""#, Some([r#""0123a567""#, r#"W/"0123a567""#]));
        check(r#"W/"abcdzfgh""#, Some([r#"W/"abcdgfgh""#, r#""abcdgfgh""#]));
        check(r#""01234567--gzip""#, Some([r#""01235567--gzip""#, r#"W/"01235567--gzip""#]));
        check(r#""0123+--/567""#, Some([r#""0124+--/567""#, r#"W/"0124+--/567""#]));
    }

    #[test]
    fn a_stranger_may_hold_a_real_one() {
        for (tag, expected) in [
            (r#""v1""#, Some(r#""v1-etag-lab""#)),
            (r#"W/"v1""#, Some(r#"W/"v1-etag-lab""#)),
            (r#""""#, None),
            ("v1", None),
        ] {
            let expected = expected.map(|tag| tag.as_bytes().to_vec());
            assert_eq!(holding(tag.as_bytes()), expected, "{tag}");
        }
    }

    #[test]
    fn what_is_short_or_not_quoted_has_none() {
        for tag in [r#""41""#, r#""""#, "01234567", r#""--------""#] {
            check(tag, None);
        }
    }
}
