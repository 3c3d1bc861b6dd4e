//! Extensions of a chunk (RFC 9112 §7.1.1): `*( BWS ";" BWS name [ BWS "=" BWS value ] )`, where a
//! value is a token or a quoted string (RFC 9110 §5.6).
//!
//! Followed byte by byte and kept nowhere: nobody here knows what they mean.

use crate::framing::LineEnds;

/// Position of the next byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::framing) enum Extension {
    /// In white space, before a `;`.
    Before,
    /// Behind a `;`.
    NameStart,
    Name,
    /// In white space behind a name.
    NameEnd,
    /// Behind a `=`.
    ValueStart,
    Value,
    Quoted,
    /// Behind a backslash in a quoted string.
    Escaped,
    QuotedEnd,
}

impl Extension {
    /// The position behind this byte, one of text; `None` where it may not be.
    pub(super) fn after(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Quoted, b'"') => Self::QuotedEnd,
            (Self::Quoted, b'\\') => Self::Escaped,
            (Self::Quoted | Self::Escaped, _) => Self::Quoted,
            (Self::NameStart | Self::ValueStart, b' ' | b'\t') => self,
            (Self::Name | Self::NameEnd, b' ' | b'\t') => Self::NameEnd,
            (_, b' ' | b'\t') => Self::Before,
            (Self::NameStart | Self::Name, _) if is_token(byte) => Self::Name,
            (Self::ValueStart | Self::Value, _) if is_token(byte) => Self::Value,
            (Self::ValueStart, b'"') => Self::Quoted,
            (Self::Name | Self::NameEnd, b'=') => Self::ValueStart,
            (Self::NameStart | Self::ValueStart, b';') => return None,
            (_, b';') => Self::NameStart,
            _ => return None,
        })
    }

    /// True if the line may end here.
    pub(super) fn may_end(self, line_ends: LineEnds) -> bool {
        match self {
            Self::Name | Self::Value | Self::QuotedEnd => true,
            // The grammar has white space before a `;` only.
            Self::Before | Self::NameEnd => line_ends == LineEnds::LfToo,
            Self::NameStart | Self::ValueStart | Self::Quoted | Self::Escaped => false,
        }
    }
}

/// True of printable octets, those beyond ASCII included, and of tabs.
pub(super) fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// True of the octets of a token (RFC 9110 §5.6.2).
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(extension: &str, expected: bool) {
        let after = |at: Option<Extension>, byte| at?.after(byte);
        let end = extension.bytes().fold(Some(Extension::Before), after);
        let is_whole = end.is_some_and(|end| end.may_end(LineEnds::Crlf));
        assert_eq!(is_whole, expected, "{extension:?}");
    }

    #[test]
    fn extensions_have_names_and_perhaps_values() {
        for extension in [";a", "; a", " ;a;b", ";a=b", ";a = b ;c", r#";a="b;\"c" ;d"#, r#";a="""#]
        {
            check(extension, true);
        }
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            " ",
            "4",
            ";",
            ";;",
            ";a;",
            ";a=",
            ";a=;b",
            ";=b",
            ";a b",
            ";a=b c",
            ";a ",
            ";a=b ",
            ";a=b=c",
            ";a/b",
            r#";a"b""#,
            r#";a="b"#,
            r#";a="b"c"#,
            r#";a="b\"#,
            r#";a="b\""#,
        ] {
            check(text, false);
        }
    }
}
