//! Finds the end of content in the chunked transfer coding (RFC 9112 §7.1).
//!
//! Strict where leniency would let two parsers disagree: sizes are plain hexadecimal digits, extensions
//! ([`extension`]) and trailer lines have the form of the RFC (§7.1.1, §7.1.2, §5), nothing is folded
//! (§5.2), and only CRLF ends a line (§2.2). Content that passes may be forwarded verbatim.
//! A client that forwards nothing may also accept a bare LF, as servers of some old frameworks send, and
//! the spaces with which others pad a size.

mod extension;

use self::extension::{Extension, is_text, is_token};
use super::{InvalidFraming, LineEnds};

/// Most bytes of a size line's extensions, and of a trailer section.
const MAX_LINE_BYTES: u32 = 16 * 1024;
/// Most digits of a size: so many cannot overflow 64 bits.
const MAX_SIZE_DIGITS: u8 = 15;

/// Position of the next byte in the coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunked {
    /// In the digits of a chunk's size.
    Size { size: u64, digits: u8 },
    /// Between the size and the end of its line.
    Extension { size: u64, seen: u32, at: Extension },
    /// Behind the CR of a size line.
    SizeEnd { size: u64 },
    /// In the data of a chunk.
    Data { left: u64 },
    /// Behind the data, before CR.
    DataCr,
    /// Behind the data, before LF.
    DataLf,
    /// At the start of a line of the trailer section.
    TrailerStart { seen: u32 },
    /// In the name of a line of the trailer section.
    TrailerName { seen: u32 },
    /// Behind the colon of a line of the trailer section.
    TrailerValue { seen: u32 },
    /// Behind the CR of a line of the trailer section.
    TrailerLf { seen: u32 },
    /// Behind the CR of the empty line at the very end.
    LastLf,
    /// Behind everything.
    Done,
}

impl Chunked {
    /// The state before the first byte.
    pub(super) const START: Self = Self::Size { size: 0, digits: 0 };

    /// Takes the bytes that belong to the content, calls `data` with the content proper, and
    /// returns the number of bytes taken: all of them unless the content ended.
    pub(super) fn advance(
        &mut self,
        bytes: &[u8],
        line_ends: LineEnds,
        data: &mut impl FnMut(&[u8]),
    ) -> Result<usize, InvalidFraming> {
        let mut taken = 0;
        while taken < bytes.len() && *self != Self::Done {
            // Data is taken in one step; only framing is looked at byte by byte.
            if let Self::Data { left } = *self {
                let count = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len() - taken);
                data(&bytes[taken..taken + count]);
                taken += count;
                let left = left - count as u64;
                *self = if left == 0 { Self::DataCr } else { Self::Data { left } };
            } else {
                *self = self.after(bytes[taken], line_ends)?;
                taken += 1;
            }
        }
        Ok(taken)
    }

    /// The state behind this byte, anywhere but in data.
    #[inline]
    fn after(self, byte: u8, line_ends: LineEnds) -> Result<Self, InvalidFraming> {
        let next = match (self, byte) {
            (Self::Size { digits: 1.., size }, b'\r') => Self::SizeEnd { size },
            (Self::Extension { size, at, .. }, b'\r') if at.may_end(line_ends) => {
                Self::SizeEnd { size }
            }
            (Self::Size { digits: 1.., size }, b';' | b' ' | b'\t') => {
                let at = if byte == b';' { Extension::NameStart } else { Extension::Before };
                Self::Extension { size, seen: 0, at }
            }
            (Self::Size { size, digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                if digits == MAX_SIZE_DIGITS {
                    return Err(InvalidFraming::ChunkTooLarge);
                }
                let digit = char::from(byte).to_digit(16).expect("it is a hexadecimal digit");
                Self::Size { size: size * 16 + u64::from(digit), digits: digits + 1 }
            }
            (Self::Extension { size, seen, at }, _) if is_text(byte) && seen < MAX_LINE_BYTES => {
                let at = at.after(byte).ok_or(InvalidFraming::Malformed)?;
                Self::Extension { size, seen: seen + 1, at }
            }
            (Self::SizeEnd { size: 0 }, b'\n') => Self::TrailerStart { seen: 0 },
            (Self::SizeEnd { size }, b'\n') => Self::Data { left: size },
            (Self::DataCr, b'\r') => Self::DataLf,
            (Self::DataLf, b'\n') => Self::START,
            (Self::TrailerStart { .. }, b'\r') => Self::LastLf,
            (Self::TrailerName { seen } | Self::TrailerValue { seen }, _)
                if seen == MAX_LINE_BYTES && byte != b'\r' && byte != b'\n' =>
            {
                return Err(InvalidFraming::TrailerTooLarge);
            }
            // No white space before the colon (§5.1): a line without one, too, ends here.
            (Self::TrailerStart { seen } | Self::TrailerName { seen }, _) if is_token(byte) => {
                Self::TrailerName { seen: seen + 1 }
            }
            (Self::TrailerName { seen }, b':') => Self::TrailerValue { seen: seen + 1 },
            (Self::TrailerValue { seen }, b'\r') => Self::TrailerLf { seen },
            (Self::TrailerValue { seen }, _) if is_text(byte) => {
                Self::TrailerValue { seen: seen + 1 }
            }
            (Self::TrailerLf { seen }, b'\n') => Self::TrailerStart { seen },
            (Self::LastLf, b'\n') => Self::Done,
            // Where CRLF is due a bare LF counts as both, and it is an error everywhere else.
            (_, b'\n') if line_ends == LineEnds::LfToo => {
                return self.after(b'\r', line_ends)?.after(b'\n', LineEnds::Crlf);
            }
            _ => return Err(InvalidFraming::Malformed),
        };
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `coded` in pieces of every length; `expected` is the data and the bytes behind the end.
    fn check(line_ends: LineEnds, coded: &str, expected: Result<(&str, &str), InvalidFraming>) {
        for piece in 1..=coded.len().max(1) {
            let mut state = Chunked::START;
            let (mut data, mut taken, mut outcome) = (Vec::new(), 0, Ok(()));
            for bytes in coded.as_bytes().chunks(piece) {
                match state.advance(bytes, line_ends, &mut |part| data.extend_from_slice(part)) {
                    Ok(count) => taken += count,
                    Err(invalid) => outcome = Err(invalid),
                }
                if outcome.is_err() || state == Chunked::Done {
                    break;
                }
            }
            let found =
                outcome.map(|()| (String::from_utf8_lossy(&data).into_owned(), &coded[taken..]));
            assert_eq!(found, expected.map(|(data, rest)| (data.to_owned(), rest)), "{coded:?}");
        }
    }

    #[test]
    fn data_is_found_and_the_end_is_seen() {
        check(LineEnds::Crlf, "0\r\n\r\n", Ok(("", "")));
        check(LineEnds::Crlf, "5\r\nhello\r\n0\r\n\r\nGET", Ok(("hello", "GET")));
        check(
            LineEnds::Crlf,
            "A;name=\"v\"\r\n0123456789\r\n1 ;x\r\nx\r\n000\r\n\r\n",
            Ok(("0123456789x", "")),
        );
        check(LineEnds::LfToo, "1  \r\nx\r\n0\t\r\n\r\n", Ok(("x", "")));
        check(
            LineEnds::Crlf,
            "1\r\nx\r\n0\r\nDigest: abc\r\nOther: d e\r\n\r\nrest",
            Ok(("x", "rest")),
        );
    }

    #[test]
    fn whatever_two_parsers_could_read_differently_is_refused() {
        for coded in [
            "\r\n",
            "5\nhello",
            "-1\r\n",
            "0x5\r\nhello",
            "+5\r\n",
            " 5\r\n",
            "g\r\n",
            "1\r\nxy\r\n",
            "1\r\nx\n",
            "1;a\nb\r\n",
            "1;\u{0}\r\n",
            "0\r\n folded\r\n",
            "0\r\nA: b\nC: d\r\n\r\n",
            "0\r\n: x\r\n",
            "5 \r\nhello",
            "3 4\r\nabc",
            "3 4;x\r\nabc",
            "3\u{b}\r\nabc",
            "3;\r\nabc",
            "0\r\nGET /SMUGGLED HTTP/1.1\r\n\r\n",
            "0\r\nGET\r\n\r\n",
            "0\r\nName : x\r\n\r\n",
            "0\r\nA: b\rC: d\r\n\r\n",
            "0\r\nA: b\r\n\tfolded\r\n\r\n",
        ] {
            check(LineEnds::Crlf, coded, Err(InvalidFraming::Malformed));
        }
    }

    #[test]
    fn a_bare_lf_ends_a_line_where_that_is_allowed() {
        let data = Ok(("hello", "rest"));
        check(LineEnds::LfToo, "5\nhello\n0\n\nrest", data);
        check(LineEnds::LfToo, "5;x\nhello\r\n0\nA: b\nC: d\r\n\nrest", data);
        for coded in ["\n", "1\nxy\n", "1\nx\r\r\n"] {
            check(LineEnds::LfToo, coded, Err(InvalidFraming::Malformed));
        }
    }

    #[test]
    fn sizes_beyond_any_content_are_refused_before_they_are_read() {
        check(LineEnds::Crlf, "1000000000000000\r\n", Err(InvalidFraming::ChunkTooLarge));
    }

    #[test]
    fn endless_extensions_and_trailers_are_refused() {
        let long = "x".repeat(MAX_LINE_BYTES as usize + 1);
        for (coded, expected) in [
            (format!("1;{long}"), InvalidFraming::Malformed),
            (format!("0\r\n{long}"), InvalidFraming::TrailerTooLarge),
            (format!("0\r\nx:{long}"), InvalidFraming::TrailerTooLarge),
        ] {
            let mut state = Chunked::START;
            let advanced = state.advance(coded.as_bytes(), LineEnds::Crlf, &mut |_| ());
            assert_eq!(advanced, Err(expected));
        }
    }
}
