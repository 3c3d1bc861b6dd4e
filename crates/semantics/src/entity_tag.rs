//! Entity tags and their two comparisons (RFC 9110 §8.8.3).
//!
//! Knows the form of a tag only: what a tag is made from is the business of strategies.

use std::fmt;

use crate::Coding;
use crate::ows;

/// An entity tag in the form of its field value, `"x"` or `W/"x"`, in one allocation.
///
/// `==` means identical, weakness included. Servers compare with [`weak_eq`](Self::weak_eq) or
/// [`strong_eq`](Self::strong_eq), which differ as RFC 9110 §8.8.3.2 tabulates:
///
/// | ETag 1 | ETag 2 | strong comparison | weak comparison |
/// | --- | --- | --- | --- |
/// | `W/"1"` | `W/"1"` | no match | match |
/// | `W/"1"` | `W/"2"` | no match | no match |
/// | `W/"1"` | `"1"` | no match | match |
/// | `"1"` | `"1"` | match | match |
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityTag(Box<[u8]>);

/// Reason why some octets are no entity tag (RFC 9110 §8.8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEntityTag {
    /// Not `"…"` or `W/"…"`; a lower-case `w/` is no weakness indicator.
    #[error("entity tag is not enclosed in double quotes")]
    Unquoted,
    /// An octet other than `%x21`, `%x23-7E` and `%x80-FF` is between the quotes.
    #[error("octet {octet:#04x} at offset {offset} cannot be in an entity tag")]
    NotEtagc {
        /// The first such octet.
        octet: u8,
        /// Its distance from the first octet after the opening quote.
        offset: usize,
    },
}

impl EntityTag {
    /// The tag `"opaque"`.
    pub fn strong(opaque: impl AsRef<[u8]>) -> Result<Self, InvalidEntityTag> {
        Self::enclosed(b"\"", opaque.as_ref())
    }

    /// The tag `W/"opaque"`.
    pub fn weak(opaque: impl AsRef<[u8]>) -> Result<Self, InvalidEntityTag> {
        Self::enclosed(b"W/\"", opaque.as_ref())
    }

    /// Reads the value of an `ETag` field; optional white space around the tag is allowed.
    pub fn parse(field_value: &[u8]) -> Result<Self, InvalidEntityTag> {
        let field_value = ows::trim(field_value);
        let tag = EntityTagRef::split(field_value).ok_or(InvalidEntityTag::Unquoted)?;
        check_etagc(tag.opaque)?;
        Ok(Self(field_value.into()))
    }

    fn enclosed(opening: &[u8], opaque: &[u8]) -> Result<Self, InvalidEntityTag> {
        check_etagc(opaque)?;
        Ok(Self([opening, opaque, b"\""].concat().into()))
    }

    /// The field value, quotes and weakness indicator included.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The octets between the quotes; may be empty.
    pub fn opaque(&self) -> &[u8] {
        self.borrowed().opaque
    }

    /// True when the tag begins with `W/`.
    pub fn is_weak(&self) -> bool {
        self.0.starts_with(b"W")
    }

    /// Weak comparison: the opaque parts are equal, whatever is weak (§8.8.3.2).
    pub fn weak_eq(&self, other: &Self) -> bool {
        self.borrowed().weak_eq(other.borrowed())
    }

    /// Strong comparison: the opaque parts are equal and neither tag is weak (§8.8.3.2).
    pub fn strong_eq(&self, other: &Self) -> bool {
        self.borrowed().strong_eq(other.borrowed())
    }

    /// The weak tag with the same opaque part.
    #[must_use]
    pub fn to_weak(&self) -> Self {
        Self([b"W/\"", self.opaque(), b"\""].concat().into())
    }

    /// The tag with `suffix` at the end of its opaque part, as weak or strong as this one.
    ///
    /// For the representations of one resource that differ in their content coding only: they
    /// are different octets and must not share a strong tag (§8.8.3.3).
    pub fn with_suffix(&self, suffix: impl AsRef<[u8]>) -> Result<Self, InvalidEntityTag> {
        check_etagc(suffix.as_ref())?;
        let (closing, rest) = self.0.split_last().expect("a tag ends with a quote");
        Ok(Self([rest, suffix.as_ref(), &[*closing]].concat().into()))
    }

    /// The tag of the same content in a content coding, `"…-gzip"`, as weak or strong as this one.
    #[must_use]
    pub fn coded(&self, coding: Coding) -> Self {
        let suffix = format!("-{}", coding.as_str());
        self.with_suffix(suffix).expect("names of codings may stand in a tag")
    }

    pub(crate) fn borrowed(&self) -> EntityTagRef<'_> {
        let weak = self.is_weak();
        let opening_bytes = if weak { 3 } else { 1 };
        EntityTagRef { weak, opaque: &self.0[opening_bytes..self.0.len() - 1] }
    }
}

/// The field value, octets that are not UTF-8 replaced.
///
/// Tags come from outside: a tag may hold U+0080 to U+009F, which some terminals obey.
impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&String::from_utf8_lossy(&self.0), f)
    }
}

impl fmt::Debug for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntityTag({})", self.0.escape_ascii())
    }
}

/// A tag within other bytes, split into its parts but with its octets unchecked.
///
/// That is enough to compare: what equals the opaque part of a checked tag is checked too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntityTagRef<'a> {
    weak: bool,
    opaque: &'a [u8],
}

impl<'a> EntityTagRef<'a> {
    /// Takes `"…"` or `W/"…"` apart, without any white space around.
    pub(crate) fn split(bytes: &'a [u8]) -> Option<Self> {
        let (weak, quoted) = match bytes.strip_prefix(b"W/") {
            Some(quoted) => (true, quoted),
            None => (false, bytes),
        };
        let opaque = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        Some(Self { weak, opaque })
    }

    pub(crate) fn weak_eq(self, other: EntityTagRef<'_>) -> bool {
        self.opaque == other.opaque
    }

    pub(crate) fn strong_eq(self, other: EntityTagRef<'_>) -> bool {
        !self.weak && !other.weak && self.weak_eq(other)
    }
}

/// `etagc = %x21 / %x23-7E / obs-text`: no control, space, double quote or DEL.
fn check_etagc(opaque: &[u8]) -> Result<(), InvalidEntityTag> {
    match opaque.iter().position(|octet| !matches!(octet, 0x21 | 0x23..=0x7e | 0x80..)) {
        None => Ok(()),
        Some(offset) => Err(InvalidEntityTag::NotEtagc { octet: opaque[offset], offset }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(field_value: &str) -> EntityTag {
        EntityTag::parse(field_value.as_bytes()).expect("a test names valid tags")
    }

    #[test]
    fn the_comparison_table_of_the_rfc_holds_in_both_directions() {
        for (one, two, strong, weak) in [
            (r#"W/"1""#, r#"W/"1""#, false, true),
            (r#"W/"1""#, r#"W/"2""#, false, false),
            (r#"W/"1""#, r#""1""#, false, true),
            (r#""1""#, r#""1""#, true, true),
        ] {
            let (one, two) = (tag(one), tag(two));
            for (one, two) in [(&one, &two), (&two, &one)] {
                assert_eq!(one.strong_eq(two), strong, "{one} {two}");
                assert_eq!(one.weak_eq(two), weak, "{one} {two}");
            }
        }
    }

    fn check(field_value: &[u8], expected: Result<(bool, &[u8]), InvalidEntityTag>) {
        let parsed = EntityTag::parse(field_value);
        let seen = parsed.as_ref().map(|tag| (tag.is_weak(), tag.opaque())).map_err(|e| *e);
        assert_eq!(seen, expected, "{:?}", field_value.escape_ascii().to_string());
        if let Ok(tag) = parsed {
            assert_eq!(tag.as_bytes(), ows::trim(field_value));
        }
    }

    #[test]
    fn both_forms_parse_with_white_space_around() {
        check(br#""x""#, Ok((false, b"x")));
        check(br#"W/"x""#, Ok((true, b"x")));
        check(b" \t\"x\"\t ", Ok((false, b"x")));
    }

    #[test]
    fn the_empty_tag_commas_backslashes_and_obs_text_are_valid() {
        check(br#""""#, Ok((false, b"")));
        check(br#"W/"""#, Ok((true, b"")));
        check(br#""a,b\""#, Ok((false, br"a,b\")));
        check(b"\"!#~\x80\xff\"", Ok((false, b"!#~\x80\xff")));
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        let unquoted: [&[u8]; 9] =
            [b"", b"\"", b"x", b"x\"", b"\"x", b"W/x", b"w/\"x\"", b"W/ \"x\"", b"*"];
        for field_value in unquoted {
            check(field_value, Err(InvalidEntityTag::Unquoted));
        }
        for octet in [b' ', b'"', b'\t', b'\0', 0x7f] {
            let expected = InvalidEntityTag::NotEtagc { octet, offset: 1 };
            check(&[b'"', b'a', octet, b'"'], Err(expected));
            assert_eq!(EntityTag::strong([b'a', octet]), Err(expected));
            assert_eq!(EntityTag::weak([b'a', octet]), Err(expected));
        }
    }

    #[test]
    fn built_and_parsed_tags_are_identical() -> Result<(), InvalidEntityTag> {
        assert_eq!(EntityTag::strong("x")?, tag(r#""x""#));
        assert_eq!(EntityTag::weak("x")?, tag(r#"W/"x""#));
        assert_ne!(EntityTag::strong("x")?, EntityTag::weak("x")?);
        Ok(())
    }

    #[test]
    fn weakening_twice_is_weakening_once() {
        assert_eq!(tag(r#""x""#).to_weak(), tag(r#"W/"x""#));
        assert_eq!(tag(r#"W/"x""#).to_weak(), tag(r#"W/"x""#));
    }

    #[test]
    fn a_suffix_goes_inside_the_quotes_and_keeps_the_weakness() {
        assert_eq!(tag(r#""x""#).with_suffix("-gzip"), Ok(tag(r#""x-gzip""#)));
        assert_eq!(tag(r#"W/"x""#).with_suffix("-br"), Ok(tag(r#"W/"x-br""#)));
        assert_eq!(tag(r#""""#).with_suffix("-"), Ok(tag(r#""-""#)));
        let quote = InvalidEntityTag::NotEtagc { octet: b'"', offset: 1 };
        assert_eq!(tag(r#""x""#).with_suffix("-\""), Err(quote));
    }

    #[test]
    fn display_replaces_and_debug_escapes_what_is_not_text() {
        let tag = EntityTag::strong(b"\xff").expect("obs-text is valid");
        assert_eq!(tag.to_string(), "\"\u{fffd}\"");
        assert_eq!(format!("{tag:?}"), r#"EntityTag(\"\xff\")"#);
        assert_eq!(
            InvalidEntityTag::NotEtagc { octet: 0, offset: 3 }.to_string(),
            "octet 0x00 at offset 3 cannot be in an entity tag"
        );
    }
}
