//! Length of content (RFC 9112 §6.3) as one state machine over the bytes as they come.
//!
//! The caller keeps its buffers: it passes the bytes that it has and learns how many of them belong
//! to the message. Nothing is copied, and no content is kept.

mod chunked;

use self::chunked::Chunked;

/// Delimitation of content, as the head of its message announces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// No content, whatever length the fields announce: 204, 304.
    None,
    /// This many bytes.
    Length(u64),
    /// The chunked transfer coding.
    Chunked,
    /// Everything until the connection closes.
    UntilClose,
}

/// Ends of lines that are accepted in the chunked coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnds {
    /// CRLF only.
    Crlf,
    /// A bare LF as well, and white space before the end of a size's line: for clients, which forward
    /// nothing that another parser could read differently.
    LfToo,
}

/// Content that breaks the rules of its framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed chunked coding")]
pub enum InvalidFraming {
    /// A byte that may not be there.
    Malformed,
    /// A chunk of 2⁶⁰ bytes or more.
    ChunkTooLarge,
    /// A trailer section of more than 16 KiB.
    TrailerTooLarge,
}

/// State of content of which some bytes may have come.
#[derive(Clone, Copy, Debug)]
pub struct FramedContent {
    state: State,
    line_ends: LineEnds,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Length { left: u64 },
    Chunked(Chunked),
    UntilClose,
}

impl FramedContent {
    /// No content at all.
    pub const NONE: Self = Self::of_length(0);
    /// Content in the chunked transfer coding.
    pub const CHUNKED: Self = Self::new(Framing::Chunked, LineEnds::Crlf);
    /// Content that ends with the connection.
    pub const UNTIL_CLOSE: Self = Self::new(Framing::UntilClose, LineEnds::Crlf);

    /// Content of which no byte has come yet.
    pub const fn new(framing: Framing, line_ends: LineEnds) -> Self {
        let state = match framing {
            Framing::None => State::Length { left: 0 },
            Framing::Length(left) => State::Length { left },
            Framing::Chunked => State::Chunked(Chunked::START),
            Framing::UntilClose => State::UntilClose,
        };
        Self { state, line_ends }
    }

    /// Content of exactly this many bytes.
    pub const fn of_length(left: u64) -> Self {
        Self::new(Framing::Length(left), LineEnds::Crlf)
    }

    /// True if nothing more is to come.
    #[inline]
    pub fn is_complete(&self) -> bool {
        matches!(self.state, State::Length { left: 0 } | State::Chunked(Chunked::Done))
    }

    /// True if the end of the connection completes the content, instead of cutting it.
    pub fn ends_with_connection(&self) -> bool {
        matches!(self.state, State::UntilClose)
    }

    /// True if the content is in the chunked transfer coding.
    pub fn is_chunked(&self) -> bool {
        matches!(self.state, State::Chunked(_))
    }

    /// Bytes that are announced and have not come: of the whole content, or of the current chunk.
    #[inline]
    pub fn announced(&self) -> u64 {
        // A limit checked against this refuses absurd sizes before their bytes are read.
        match self.state {
            State::Length { left } | State::Chunked(Chunked::Data { left }) => left,
            State::Chunked(_) | State::UntilClose => 0,
        }
    }

    /// True if more than this many bytes are known or likely to come.
    pub fn exceeds(&self, bytes: usize) -> bool {
        match self.state {
            State::Length { left } => left > bytes as u64,
            State::Chunked(_) | State::UntilClose => true,
        }
    }

    /// Takes the bytes that belong to the content, framing included; returns their number.
    pub fn advance(&mut self, bytes: &[u8]) -> Result<usize, InvalidFraming> {
        self.advance_with(bytes, |_| ())
    }

    /// Like [`Self::advance`], and appends the content proper, without framing, to `data`.
    pub fn decode(&mut self, bytes: &[u8], data: &mut Vec<u8>) -> Result<usize, InvalidFraming> {
        self.advance_with(bytes, |part| data.extend_from_slice(part))
    }

    /// Like [`Self::advance`], and calls `data` with each part of the content proper.
    #[inline]
    pub fn advance_with(
        &mut self,
        bytes: &[u8],
        mut data: impl FnMut(&[u8]),
    ) -> Result<usize, InvalidFraming> {
        match &mut self.state {
            State::Chunked(chunked) => chunked.advance(bytes, self.line_ends, &mut data),
            State::Length { left } => {
                let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= count as u64;
                data(&bytes[..count]);
                Ok(count)
            }
            State::UntilClose => {
                data(bytes);
                Ok(bytes.len())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_takes_exactly_its_bytes() {
        let mut content = FramedContent::of_length(5);
        assert_eq!(content.advance(b"abc"), Ok(3));
        assert!(!content.is_complete());
        assert_eq!(content.advance(b"defg"), Ok(2));
        assert!(content.is_complete());
    }

    #[test]
    fn only_the_end_of_the_connection_ends_content_without_framing() {
        let mut content = FramedContent::UNTIL_CLOSE;
        assert_eq!(content.advance(b"abc"), Ok(3));
        assert!(!content.is_complete() && content.ends_with_connection());
    }

    #[test]
    fn chunks_are_decoded_or_passed_as_they_are() {
        let coded = b"2\r\nab\r\n0\r\n\r\nnext";
        let (mut content, mut data) = (FramedContent::CHUNKED, Vec::new());
        assert_eq!(content.decode(coded, &mut data), Ok(12));
        assert_eq!((data.as_slice(), content.is_complete()), (&b"ab"[..], true));
        let mut content = FramedContent::CHUNKED;
        assert_eq!(content.advance(coded), Ok(12));
    }
}
