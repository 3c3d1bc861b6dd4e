//! Content as it arrives: its octets are counted and hashed, and decoded when they are complete.
//!
//! Keeps content only for a log, as a sample, or to decode it: a polling client needs no more than its
//! identity.

use measure::{ContentCoding, ErrorReason};
use truth::{ContentHasher, ContentId};
use wire::coding::{Coding, Undecodable};
use wire::framing::{FramedContent, Framing, InvalidFraming, LineEnds};

/// Most octets of content that are read.
const MAX_CONTENT_BYTES: u64 = 1 << 30;
/// Most octets that are kept to be decoded, and most that they may become.
const MAX_DECODED_BYTES: usize = 128 << 20;
/// Most octets of a sample.
const SAMPLE_BYTES: usize = 1 << 20;

#[derive(Debug)]
pub(crate) struct Decoder {
    framed: FramedContent,
    octets: u64,
    sink: ContentSink,
}

/// Identity of octets that may come in several parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContentSink {
    hasher: Option<Box<ContentHasher>>,
    whole: Option<ContentId>,
    coding: ContentCoding,
    /// The octets themselves, for a log, as a sample or to decode them.
    kept: Option<Vec<u8>>,
    /// True where the beginning of them is enough.
    is_sample: bool,
}

impl Decoder {
    pub(crate) fn new(framing: Framing, coding: ContentCoding) -> Result<Self, ErrorReason> {
        let kept = decoded(coding).map(|_| Vec::new());
        Self::continuing(framing, ContentSink { coding, kept, ..ContentSink::default() })
    }

    /// The octets of the content at the start of `bytes`; `None` unless it is complete.
    pub(crate) fn content_of(framing: Framing, bytes: &[u8]) -> Option<Vec<u8>> {
        let kept = ContentSink { kept: Some(Vec::new()), ..ContentSink::default() };
        let mut decoder = Self::continuing(framing, kept).ok()?;
        decoder.feed(bytes).ok()?;
        decoder.end().ok()?;
        decoder.sink.kept
    }

    /// A decoder that goes on where an earlier part of the same content ended.
    pub(crate) fn continuing(framing: Framing, sink: ContentSink) -> Result<Self, ErrorReason> {
        // A poll forwards nothing, so no second parser could read the chunks differently.
        let framed = FramedContent::new(framing, LineEnds::LfToo);
        let decoder = Self { framed, octets: 0, sink };
        decoder.within_limits().map(|()| decoder)
    }

    pub(crate) fn into_sink(self) -> ContentSink {
        self.sink
    }

    pub(crate) fn octets(&self) -> u64 {
        self.octets
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.framed.is_complete()
    }

    /// Keeps octets as a sample from now on.
    pub(crate) fn keep_sample(&mut self) {
        self.sink.is_sample = self.sink.kept.is_none();
        self.sink.kept.get_or_insert_default();
    }

    /// The beginning of the complete content without its coding, if octets were kept.
    pub(crate) fn into_sample(self) -> Option<Vec<u8>> {
        let kept = self.sink.kept?;
        let Some(coding) = decoded(self.sink.coding) else { return Some(kept) };
        let mut sample = Vec::new();
        // What does not decode was an error before.
        let _ = coding.decode(&kept, MAX_DECODED_BYTES, |part| extend_sample(&mut sample, part));
        Some(sample)
    }

    /// Notes the end of the connection; an error unless it completes the content.
    pub(crate) fn end(&mut self) -> Result<(), ErrorReason> {
        if !self.framed.is_complete() && !self.framed.ends_with_connection() {
            return Err(ErrorReason::Cut);
        }
        self.framed = FramedContent::NONE;
        Ok(())
    }

    /// Identity of the complete content, without its coding; an error where it does not decode.
    pub(crate) fn id(&self) -> Result<ContentId, ErrorReason> {
        let ContentSink { hasher, whole, coding, kept, .. } = &self.sink;
        match (kept, decoded(*coding), whole, hasher) {
            (Some(coded), Some(coding), ..) => identity(coding, coded, MAX_DECODED_BYTES),
            (_, _, Some(id), _) => Ok(*id),
            (_, _, None, Some(hasher)) => Ok(hasher.id()),
            (_, _, None, None) => Ok(ContentId::of(b"")),
        }
    }

    /// Takes the bytes that belong to this response and returns their number.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<usize, ErrorReason> {
        // The usual 304 ends here: no hasher is made for content that does not exist.
        if bytes.is_empty() || self.is_complete() {
            return Ok(0);
        }
        let Self { framed, octets, sink } = self;
        // Small content arrives in one piece and needs no streaming state.
        let announced = framed.announced();
        let is_whole = (1..=bytes.len() as u64).contains(&announced)
            && *octets == 0
            && sink.hasher.is_none()
            && !framed.is_chunked();
        let taken = framed.advance_with(bytes, |part| {
            *octets += part.len() as u64;
            sink.take(part, is_whole);
        });
        let taken = taken.map_err(of_framing)?;
        self.within_limits().map(|()| taken)
    }

    /// Checks the limits. Announced bytes count: absurd sizes are refused before they are read.
    fn within_limits(&self) -> Result<(), ErrorReason> {
        let fits = self.octets.saturating_add(self.framed.announced()) <= MAX_CONTENT_BYTES;
        let kept = self.sink.kept.as_ref().filter(|_| decoded(self.sink.coding).is_some());
        let decodes = kept.is_none_or(|kept| kept.len() <= MAX_DECODED_BYTES);
        (fits && decodes).then_some(()).ok_or(ErrorReason::ContentTooLarge)
    }
}

fn of_framing(error: InvalidFraming) -> ErrorReason {
    match error {
        InvalidFraming::Malformed => ErrorReason::BadFraming,
        InvalidFraming::ChunkTooLarge => ErrorReason::ContentTooLarge,
        InvalidFraming::TrailerTooLarge => ErrorReason::FieldsTooLarge,
    }
}

impl ContentSink {
    fn take(&mut self, part: &[u8], is_whole: bool) {
        if let Some(kept) = &mut self.kept {
            if self.is_sample {
                extend_sample(kept, part);
            } else {
                kept.extend_from_slice(part);
            }
            // Its identity is that of the decoded content, which is hashed when it is complete.
            if decoded(self.coding).is_some() {
                return;
            }
        }
        if is_whole {
            self.whole = Some(ContentId::of(part));
        } else {
            self.hasher.get_or_insert_default().update(part);
        }
    }
}

fn extend_sample(sample: &mut Vec<u8>, part: &[u8]) {
    let room = SAMPLE_BYTES.saturating_sub(sample.len());
    sample.extend_from_slice(&part[..part.len().min(room)]);
}

/// The coding to undo before content is identified. Content in a coding that is not known is
/// identified by its octets, for there is nothing else.
fn decoded(coding: ContentCoding) -> Option<Coding> {
    match coding {
        ContentCoding::Identity | ContentCoding::Other => None,
        ContentCoding::Gzip => Some(Coding::Gzip),
        ContentCoding::Deflate => Some(Coding::Deflate),
        ContentCoding::Brotli => Some(Coding::Brotli),
        ContentCoding::Zstd => Some(Coding::Zstd),
    }
}

fn identity(coding: Coding, coded: &[u8], limit: usize) -> Result<ContentId, ErrorReason> {
    let mut hasher = ContentHasher::default();
    match coding.decode(coded, limit, |part| hasher.update(part)) {
        Ok(()) => Ok(hasher.id()),
        Err(Undecodable::TooLarge) => Err(ErrorReason::ContentTooLarge),
        Err(_) => Err(ErrorReason::Undecodable),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder};

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).and_then(|()| encoder.finish()).expect("memory takes bytes")
    }

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
        let mut second = Decoder::continuing(rest, first.into_sink()).expect("short");
        second.feed(&whole[10..]).expect("plain content");
        assert_eq!((second.id(), second.is_complete()), (Ok(ContentId::of(whole)), true));
    }

    #[test]
    fn a_coded_content_in_two_parts_is_decoded_when_it_is_complete() {
        let content = b"{\"feature\":true}".repeat(100);
        let coded = gzip(&content);
        let framing = Framing::Length(coded.len() as u64);
        let mut first = Decoder::new(framing, ContentCoding::Gzip).expect("short");
        first.feed(&coded[..20]).expect("plain framing");
        let rest = Framing::Length(coded.len() as u64 - 20);
        let mut second = Decoder::continuing(rest, first.into_sink()).expect("short");
        second.feed(&coded[20..]).expect("plain framing");
        assert_eq!(second.id(), Ok(ContentId::of(&content)));
    }

    /// Identity of a content that came whole in this coding.
    fn id(coding: ContentCoding, octets: &[u8]) -> Result<ContentId, ErrorReason> {
        let mut decoder = Decoder::new(Framing::Length(octets.len() as u64), coding)?;
        decoder.feed(octets)?;
        decoder.id()
    }

    #[test]
    fn a_sample_is_the_beginning_of_the_decoded_content() {
        let content = b"{\"feature\":true}".repeat(SAMPLE_BYTES / 10);
        let sample = |coding, octets: &[u8]| {
            let framing = Framing::Length(octets.len() as u64);
            let mut decoder = Decoder::new(framing, coding).expect("within limits");
            decoder.keep_sample();
            octets.chunks(1_000).try_for_each(|part| decoder.feed(part).map(drop)).expect("plain");
            assert_eq!(decoder.id(), Ok(ContentId::of(&content)));
            decoder.into_sample()
        };
        let expected = Some(content[..SAMPLE_BYTES].to_vec());
        assert_eq!(sample(ContentCoding::Identity, &content), expected);
        assert_eq!(sample(ContentCoding::Gzip, &gzip(&content)), expected);
    }

    #[test]
    fn raw_deflate_is_decoded() {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        let coded = encoder.write_all(b"hello world").and_then(|()| encoder.finish());
        let coded = coded.expect("memory takes bytes");
        assert_eq!(id(ContentCoding::Deflate, &coded), Ok(ContentId::of(b"hello world")));
    }

    #[test]
    fn every_frame_of_zstd_counts() {
        use ruzstd::encoding::{CompressionLevel, compress_to_vec};
        let frame = |content: &[u8]| compress_to_vec(content, CompressionLevel::Fastest);
        let coded = [frame(b"hello "), frame(b"world")].concat();
        assert_eq!(id(ContentCoding::Zstd, &coded), Ok(ContentId::of(b"hello world")));
    }

    #[test]
    fn content_that_does_not_decode_or_only_to_too_much_has_no_identity() {
        let coded = gzip(b"hello world");
        assert_eq!(id(ContentCoding::Gzip, b"hello world"), Err(ErrorReason::Undecodable));
        assert_eq!(identity(Coding::Gzip, &coded, 10), Err(ErrorReason::ContentTooLarge));
        assert_eq!(id(ContentCoding::Other, &coded), Ok(ContentId::of(&coded)));
        assert_eq!(id(ContentCoding::Gzip, b""), Ok(ContentId::of(b"")));
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
