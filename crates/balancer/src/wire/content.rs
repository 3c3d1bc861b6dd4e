//! How the content of a message is delimited, and how much of it is still to come (RFC 9112 §6).

use super::chunked::Chunked;

/// Content under way.
#[derive(Debug)]
pub(crate) struct Content(Framing);

#[derive(Debug)]
enum Framing {
    Length { left: u64 },
    Chunked(Chunked),
    UntilClose,
}

/// The content breaks the rules of its framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed chunked coding")]
pub(crate) struct InvalidContent;

impl Content {
    /// None at all.
    pub(crate) const NONE: Self = Self::of_length(0);
    /// In the chunked transfer coding.
    pub(crate) const CHUNKED: Self = Self(Framing::Chunked(Chunked::START));
    /// Everything until the connection closes.
    pub(crate) const UNTIL_CLOSE: Self = Self(Framing::UntilClose);

    /// Exactly this many bytes.
    pub(crate) const fn of_length(left: u64) -> Self {
        Self(Framing::Length { left })
    }

    /// Whether nothing more is to come.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(self.0, Framing::Length { left: 0 } | Framing::Chunked(Chunked::Done))
    }

    /// Whether the end of the connection completes it, instead of cutting it.
    pub(crate) fn ends_with_connection(&self) -> bool {
        matches!(self.0, Framing::UntilClose)
    }

    /// Whether it is in the chunked transfer coding.
    pub(crate) fn is_chunked(&self) -> bool {
        matches!(self.0, Framing::Chunked(_))
    }

    /// Whether more than this many bytes are known or likely to come.
    pub(crate) fn exceeds(&self, bytes: usize) -> bool {
        match self.0 {
            Framing::Length { left } => left > bytes as u64,
            Framing::Chunked(_) | Framing::UntilClose => true,
        }
    }

    /// Takes what belongs to the content from `bytes`, framing included; returns how many bytes
    /// those are.
    pub(crate) fn advance(&mut self, bytes: &[u8]) -> Result<usize, InvalidContent> {
        self.advance_with(bytes, |_| ())
    }

    /// Like [`Self::advance`], and appends the content proper, without framing, to `data`.
    pub(crate) fn decode(
        &mut self,
        bytes: &[u8],
        data: &mut Vec<u8>,
    ) -> Result<usize, InvalidContent> {
        self.advance_with(bytes, |part| data.extend_from_slice(part))
    }

    fn advance_with(
        &mut self,
        bytes: &[u8],
        mut data: impl FnMut(&[u8]),
    ) -> Result<usize, InvalidContent> {
        match &mut self.0 {
            Framing::Chunked(chunked) => chunked.advance(bytes, &mut data),
            Framing::Length { left } => {
                let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= count as u64;
                data(&bytes[..count]);
                Ok(count)
            }
            Framing::UntilClose => {
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
        let mut content = Content::of_length(5);
        assert_eq!(content.advance(b"abc"), Ok(3));
        assert!(!content.is_complete());
        assert_eq!(content.advance(b"defg"), Ok(2));
        assert!(content.is_complete());
    }

    #[test]
    fn only_the_end_of_the_connection_ends_content_without_framing() {
        let mut content = Content::UNTIL_CLOSE;
        assert_eq!(content.advance(b"abc"), Ok(3));
        assert!(!content.is_complete() && content.ends_with_connection());
    }

    #[test]
    fn chunks_are_decoded_or_passed_as_they_are() {
        let coded = b"2\r\nab\r\n0\r\n\r\nnext";
        let (mut content, mut data) = (Content::CHUNKED, Vec::new());
        assert_eq!(content.decode(coded, &mut data), Ok(12));
        assert_eq!((data.as_slice(), content.is_complete()), (&b"ab"[..], true));
        let mut content = Content::CHUNKED;
        assert_eq!(content.advance(coded), Ok(12));
    }
}
