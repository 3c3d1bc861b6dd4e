//! The content codings that the lab distinguishes. Decodes nothing.

use std::fmt;

/// In which form content travelled (RFC 9110 §8.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContentCoding {
    /// As it is.
    #[default]
    Identity,
    /// `gzip`, also as `x-gzip`.
    Gzip,
    /// `br`.
    Brotli,
    /// `zstd`.
    Zstd,
    /// `deflate`: the zlib format.
    Deflate,
    /// One that the lab does not know, or several, one upon the other.
    Other,
}

impl ContentCoding {
    /// The coding that a list in `Content-Encoding` names; `identity` changes nothing.
    pub fn of_list(list: &[u8]) -> Self {
        let members = list.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
        members
            .filter(|member| !member.is_empty())
            .map(Self::named)
            .fold(Self::Identity, Self::then)
    }

    /// This coding, and then another one upon it.
    #[must_use]
    pub fn then(self, other: Self) -> Self {
        // Several codings are possible and hardly ever met, so their order is not kept.
        match (self, other) {
            (Self::Identity, only) | (only, Self::Identity) => only,
            _ => Self::Other,
        }
    }

    fn named(name: &[u8]) -> Self {
        match name.to_ascii_lowercase().as_slice() {
            b"identity" => Self::Identity,
            b"gzip" | b"x-gzip" => Self::Gzip,
            b"br" => Self::Brotli,
            b"zstd" => Self::Zstd,
            b"deflate" => Self::Deflate,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for ContentCoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Deflate => "deflate",
            Self::Other => "other",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_in_any_case_and_several_codings_are_another_one() {
        for (list, expected) in [
            ("gzip", ContentCoding::Gzip),
            ("X-GZIP", ContentCoding::Gzip),
            ("identity , br", ContentCoding::Brotli),
            ("gzip, zstd", ContentCoding::Other),
            ("compress", ContentCoding::Other),
            ("", ContentCoding::Identity),
        ] {
            assert_eq!(ContentCoding::of_list(list.as_bytes()), expected, "{list:?}");
        }
    }
}
