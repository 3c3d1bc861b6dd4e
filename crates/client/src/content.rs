//! Decodes content as it arrives: where it ends, how many octets it has, which content it is.
//!
//! Keeps content only when it is told to, or to decode it when it is complete: a polling client
//! needs its identity only.

use measure::{ContentCoding, ErrorReason};
use truth::{ContentHasher, ContentId};

use crate::coding;
use crate::response::Framing;

/// Most octets of content that are read.
const MAX_CONTENT_BYTES: u64 = 1 << 30;
/// Longest chunk-size line with its extensions, and longest trailer section.
const MAX_CHUNK_LINE_BYTES: usize = 8 * 1024;

/// The content of one response while it arrives.
#[derive(Debug)]
pub(crate) struct Decoder {
    state: State,
    octets: u64,
    hasher: Option<Box<ContentHasher>>,
    whole: Option<ContentId>,
    coding: ContentCoding,
    kept: Option<Vec<u8>>,
}

/// The first part of a content.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    hasher: Box<ContentHasher>,
    coding: ContentCoding,
    kept: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Length(u64),
    UntilClose,
    ChunkSize { size: u64, line: usize },
    ChunkExtension { size: u64, line: usize },
    ChunkData(u64),
    ChunkEnd,
    Trailer { line: usize, total: usize },
    Done,
}

impl Decoder {
    /// For content in this framing and this coding.
    pub(crate) fn new(framing: Framing, coding: ContentCoding) -> Result<Self, ErrorReason> {
        let state = match framing {
            Framing::None | Framing::Length(0) => State::Done,
            Framing::Length(length) if length > MAX_CONTENT_BYTES => {
                return Err(ErrorReason::ContentTooLarge);
            }
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::ChunkSize { size: 0, line: 0 },
            Framing::UntilClose => State::UntilClose,
        };
        let kept = is_decoded(coding).then(Vec::new);
        Ok(Self { state, octets: 0, hasher: None, whole: None, coding, kept })
    }

    /// The octets of the content at the start of `bytes`; `None` unless it is complete.
    pub(crate) fn content_of(framing: Framing, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut decoder = Self::new(framing, ContentCoding::Identity).ok()?;
        decoder.kept = Some(Vec::new());
        decoder.feed(bytes).ok()?;
        decoder.end().ok()?;
        decoder.kept
    }

    /// Goes on where an earlier part of the same content ended, in the coding of that part.
    pub(crate) fn continuing(framing: Framing, begun: Begun) -> Result<Self, ErrorReason> {
        let Begun { hasher, coding, kept } = begun;
        Ok(Self { hasher: Some(hasher), kept, ..Self::new(framing, coding)? })
    }

    /// What has come so far, to go on from.
    pub(crate) fn into_begun(self) -> Begun {
        let Self { hasher, coding, kept, .. } = self;
        Begun { hasher: hasher.unwrap_or_default(), coding, kept }
    }

    /// Octets of content so far.
    pub(crate) fn octets(&self) -> u64 {
        self.octets
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.state == State::Done
    }

    /// The connection has ended; whether that completes the content.
    pub(crate) fn end(&mut self) -> Result<(), ErrorReason> {
        match self.state {
            State::Done | State::UntilClose => {
                self.state = State::Done;
                Ok(())
            }
            _ => Err(ErrorReason::Cut),
        }
    }

    /// Identity of the complete content, without its coding; an error where it does not decode.
    pub(crate) fn id(&self) -> Result<ContentId, ErrorReason> {
        match (&self.kept, &self.whole, &self.hasher) {
            (Some(coded), ..) if is_decoded(self.coding) => coding::identity(self.coding, coded),
            (_, Some(id), _) => Ok(*id),
            (_, None, Some(hasher)) => Ok(hasher.id()),
            (_, None, None) => Ok(ContentId::of(b"")),
        }
    }

    /// Takes what belongs to this response and returns how many bytes that was.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<usize, ErrorReason> {
        let mut used = 0;
        while used < bytes.len() && self.state != State::Done {
            used += self.step(&bytes[used..])?;
        }
        Ok(used)
    }

    fn step(&mut self, bytes: &[u8]) -> Result<usize, ErrorReason> {
        let first = bytes[0];
        self.state = match self.state {
            State::Length(left) => {
                let taken = self.take(bytes, left)?;
                let left = left - taken as u64;
                self.state = if left == 0 { State::Done } else { State::Length(left) };
                return Ok(taken);
            }
            State::UntilClose => return self.take(bytes, u64::MAX),
            State::ChunkData(left) => {
                let taken = self.take(bytes, left)?;
                let left = left - taken as u64;
                self.state = if left == 0 { State::ChunkEnd } else { State::ChunkData(left) };
                return Ok(taken);
            }
            State::ChunkSize { size, line } => chunk_size(first, size, line)?,
            State::ChunkExtension { size, line } => match first {
                b'\n' => after_size(size),
                _ if line >= MAX_CHUNK_LINE_BYTES => return Err(ErrorReason::BadFraming),
                _ => State::ChunkExtension { size, line: line + 1 },
            },
            State::ChunkEnd => match first {
                b'\r' => State::ChunkEnd,
                b'\n' => State::ChunkSize { size: 0, line: 0 },
                _ => return Err(ErrorReason::BadFraming),
            },
            State::Trailer { line, total } => match first {
                b'\n' if line == 0 => State::Done,
                b'\n' => State::Trailer { line: 0, total },
                b'\r' => State::Trailer { line, total },
                _ if total >= MAX_CHUNK_LINE_BYTES => return Err(ErrorReason::FieldsTooLarge),
                _ => State::Trailer { line: line + 1, total: total + 1 },
            },
            State::Done => return Ok(0),
        };
        Ok(1)
    }

    fn take(&mut self, bytes: &[u8], at_most: u64) -> Result<usize, ErrorReason> {
        let taken = usize::try_from(at_most).unwrap_or(usize::MAX).min(bytes.len());
        let piece = &bytes[..taken];
        let is_whole =
            self.octets == 0 && taken as u64 == at_most && self.is_plain() && self.hasher.is_none();
        self.octets += taken as u64;
        if self.octets > MAX_CONTENT_BYTES {
            return Err(ErrorReason::ContentTooLarge);
        }
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(piece);
            if is_decoded(self.coding) {
                let fits = kept.len() <= coding::MAX_BYTES;
                return fits.then_some(taken).ok_or(ErrorReason::ContentTooLarge);
            }
        }
        // Small content arrives in one piece and needs no streaming state.
        if is_whole {
            self.whole = Some(ContentId::of(piece));
        } else {
            self.hasher.get_or_insert_default().update(piece);
        }
        Ok(taken)
    }

    fn is_plain(&self) -> bool {
        matches!(self.state, State::Length(_))
    }
}

/// Whether the identity of content in this coding is that of what it decodes to.
fn is_decoded(coding: ContentCoding) -> bool {
    !matches!(coding, ContentCoding::Identity | ContentCoding::Other)
}

fn after_size(size: u64) -> State {
    if size == 0 { State::Trailer { line: 0, total: 0 } } else { State::ChunkData(size) }
}

/// One byte of a chunk-size line (RFC 9112 §7.1); `line` counts its digits.
fn chunk_size(byte: u8, size: u64, line: usize) -> Result<State, ErrorReason> {
    if let Some(digit) = char::from(byte).to_digit(16) {
        let size = size.checked_mul(16).and_then(|size| size.checked_add(digit.into()));
        let size = size.filter(|&size| size <= MAX_CONTENT_BYTES);
        return size
            .map(|size| State::ChunkSize { size, line: line + 1 })
            .ok_or(ErrorReason::ContentTooLarge);
    }
    match byte {
        _ if line == 0 => Err(ErrorReason::BadFraming),
        b'\n' => Ok(after_size(size)),
        b'\r' | b';' | b' ' | b'\t' => Ok(State::ChunkExtension { size, line }),
        _ => Err(ErrorReason::BadFraming),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// Feeds `bytes` in pieces of every size: the result must not depend on the packets.
    fn check(framing: Framing, bytes: &[u8], expected: Result<(&[u8], usize), ErrorReason>) {
        for piece_size in 1..=bytes.len() {
            let mut decoder =
                Decoder::new(framing, ContentCoding::Identity).expect("a length within limits");
            let mut used = 0;
            let fed = bytes.chunks(piece_size).try_for_each(|piece| {
                used += decoder.feed(piece)?;
                Ok(())
            });
            let result = fed.map(|()| (decoder.id().expect("not coded"), decoder.octets(), used));
            let expected = expected
                .map(|(content, used)| (ContentId::of(content), content.len() as u64, used));
            assert_eq!(result, expected, "{framing:?} in pieces of {piece_size}");
        }
    }

    #[test]
    fn a_length_ends_the_content_and_leaves_the_rest() {
        check(Framing::Length(5), b"hello", Ok((b"hello", 5)));
        check(Framing::Length(4), b"hello", Ok((b"hell", 4)));
    }

    #[test]
    fn chunks_are_joined_and_trailers_skipped() {
        check(
            Framing::Chunked,
            b"3\r\nabc\r\n02;x=\"y\"\r\nde\r\n0\r\na: b\r\n\r\nrest",
            Ok((b"abcde", 33)),
        );
        check(Framing::Chunked, b"0\r\n\r\n", Ok((b"", 5)));
    }

    #[test]
    fn a_content_in_two_parts_has_the_id_of_the_whole() {
        let whole = b"first part, second part";
        let framing = |length: usize| Framing::Length(length as u64);
        let mut first = Decoder::new(framing(whole.len()), ContentCoding::Identity).expect("short");
        first.feed(&whole[..10]).expect("plain content");
        let rest = framing(whole.len() - 10);
        let mut second = Decoder::continuing(rest, first.into_begun()).expect("short");
        second.feed(&whole[10..]).expect("plain content");
        assert_eq!((second.id(), second.is_complete()), (Ok(ContentId::of(whole)), true));
    }

    #[test]
    fn a_coded_content_in_two_parts_is_decoded_when_it_is_complete() {
        let content = b"{\"feature\":true}".repeat(100);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&content).expect("a vector takes everything");
        let coded = encoder.finish().expect("a vector takes everything");
        let framing = Framing::Length(coded.len() as u64);
        let mut first = Decoder::new(framing, ContentCoding::Gzip).expect("short");
        first.feed(&coded[..20]).expect("plain framing");
        let rest = Framing::Length(coded.len() as u64 - 20);
        let mut second = Decoder::continuing(rest, first.into_begun()).expect("short");
        second.feed(&coded[20..]).expect("plain framing");
        assert_eq!(second.id(), Ok(ContentId::of(&content)));
    }

    #[test]
    fn broken_chunks_are_bad_framing() {
        for bytes in [&b"\r\n"[..], b"xyz\r\n", b"3\r\nabcX", b"-1\r\n", b"3 \x003"] {
            let mut decoder =
                Decoder::new(Framing::Chunked, ContentCoding::Identity).expect("chunked");
            let fed = decoder.feed(bytes);
            assert!(fed == Err(ErrorReason::BadFraming) || !decoder.is_complete(), "{bytes:?}");
        }
    }

    #[test]
    fn only_close_delimited_content_is_completed_by_the_end() {
        for (framing, complete) in
            [(Framing::UntilClose, true), (Framing::Length(9), false), (Framing::Chunked, false)]
        {
            let mut decoder =
                Decoder::new(framing, ContentCoding::Identity).expect("a length within limits");
            decoder.feed(b"1\r\na").expect("valid in every framing");
            assert_eq!(decoder.end().is_ok(), complete, "{framing:?}");
        }
    }

    #[test]
    fn content_is_kept_without_its_chunks_and_only_when_complete() {
        let content = |framing, bytes| Decoder::content_of(framing, bytes);
        assert_eq!(
            content(Framing::Chunked, b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
            Some(b"abcde".into())
        );
        assert_eq!(content(Framing::Length(4), b"hell"), Some(b"hell".into()));
        assert_eq!(content(Framing::Length(5), b"hell"), None);
        assert_eq!(content(Framing::None, b""), Some(Vec::new()));
    }

    #[test]
    fn absurd_sizes_are_refused_before_they_are_read() {
        assert!(Decoder::new(Framing::Length(u64::MAX), ContentCoding::Identity).is_err());
        let mut decoder = Decoder::new(Framing::Chunked, ContentCoding::Identity).expect("chunked");
        assert_eq!(decoder.feed(b"fffffffffffffffff\r\n"), Err(ErrorReason::ContentTooLarge));
    }
}
