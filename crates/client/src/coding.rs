//! Undoes a content coding, to find out which content it is that came coded.
//!
//! Keeps no content. Bytes are counted elsewhere, as they were on the wire.

use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use measure::{ContentCoding, ErrorReason};
use truth::{ContentHasher, ContentId};

/// Most octets that are kept to be decoded, and most that they may become: a few bytes can claim to
/// be terabytes.
pub(crate) const MAX_BYTES: usize = 128 << 20;

/// Identity of the content whose coded form is `octets`.
///
/// Where the coding is not known the octets are what there is to identify it by, and an empty
/// content is empty in every coding: some servers send one with a coding and nothing in it.
pub(crate) fn identity(coding: ContentCoding, octets: &[u8]) -> Result<ContentId, ErrorReason> {
    identity_within(MAX_BYTES, coding, octets)
}

fn identity_within(
    limit: usize,
    coding: ContentCoding,
    octets: &[u8],
) -> Result<ContentId, ErrorReason> {
    if octets.is_empty() {
        return Ok(ContentId::of(octets));
    }
    match coding {
        ContentCoding::Identity | ContentCoding::Other => Ok(ContentId::of(octets)),
        ContentCoding::Gzip => hash(MultiGzDecoder::new(octets), limit),
        ContentCoding::Deflate => hash(ZlibDecoder::new(octets), limit),
        ContentCoding::Brotli => hash(brotli_decompressor::Decompressor::new(octets, 4096), limit),
        ContentCoding::Zstd => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(octets);
            hash(decoder.map_err(|_| ErrorReason::Undecodable)?, limit)
        }
    }
}

fn hash(mut decoder: impl Read, limit: usize) -> Result<ContentId, ErrorReason> {
    let mut hasher = ContentHasher::default();
    let mut piece = [0; 16 * 1024];
    let mut total = 0;
    loop {
        match decoder.read(&mut piece) {
            Ok(0) => return Ok(hasher.id()),
            Ok(count) => {
                total += count;
                if total > limit {
                    return Err(ErrorReason::ContentTooLarge);
                }
                hasher.update(&piece[..count]);
            }
            Err(_) => return Err(ErrorReason::Undecodable),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    use super::*;

    const CONTENT: &[u8] = b"hello world, hello world, hello world";

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).expect("a vector");
        encoder.finish().expect("a vector")
    }

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).expect("a vector");
        encoder.finish().expect("a vector")
    }

    fn zstd(content: &[u8]) -> Vec<u8> {
        use ruzstd::encoding::{CompressionLevel, compress_to_vec};
        compress_to_vec(content, CompressionLevel::Fastest)
    }

    /// [`CONTENT`] as `brotli` codes it.
    const BROTLI: &[u8] = &[
        27, 36, 0, 248, 141, 212, 78, 249, 195, 80, 84, 101, 104, 13, 194, 194, 246, 166, 102, 161,
        166, 26, 200, 128, 106, 150, 0,
    ];

    fn every_coding() -> [(ContentCoding, Vec<u8>); 4] {
        [
            (ContentCoding::Gzip, gzip(CONTENT)),
            (ContentCoding::Deflate, zlib(CONTENT)),
            (ContentCoding::Zstd, zstd(CONTENT)),
            (ContentCoding::Brotli, BROTLI.to_vec()),
        ]
    }

    #[test]
    fn coded_content_has_the_identity_of_what_it_decodes_to() {
        for (coding, octets) in every_coding() {
            assert_eq!(identity(coding, &octets), Ok(ContentId::of(CONTENT)), "{coding}");
            assert_eq!(identity(coding, b""), Ok(ContentId::of(b"")), "{coding}");
        }
        let members = [gzip(b"hello "), gzip(b"world")].concat();
        let joined = identity(ContentCoding::Gzip, &members);
        assert_eq!(joined, Ok(ContentId::of(b"hello world")));
        assert_eq!(identity(ContentCoding::Other, b"?"), Ok(ContentId::of(b"?")));
    }

    #[test]
    fn what_is_cut_corrupt_or_something_else_does_not_decode() {
        for (coding, octets) in every_coding() {
            let cut = &octets[..octets.len() - 1];
            assert_eq!(identity(coding, cut), Err(ErrorReason::Undecodable), "{coding}, cut");
            let nonsense = b"{\"this\": \"is not coded at all\"}";
            assert_eq!(identity(coding, nonsense), Err(ErrorReason::Undecodable), "{coding}");
        }
        let mut wrong_sum = gzip(CONTENT);
        let place = wrong_sum.len() - 6;
        wrong_sum[place] ^= 1;
        assert_eq!(identity(ContentCoding::Gzip, &wrong_sum), Err(ErrorReason::Undecodable));
        let trailing = [gzip(CONTENT), b"and more of it".to_vec()].concat();
        assert_eq!(identity(ContentCoding::Gzip, &trailing), Err(ErrorReason::Undecodable));
    }

    #[test]
    fn a_bomb_is_defused() {
        let bomb = gzip(&vec![0; 1 << 20]);
        assert!(bomb.len() < 2_000);
        let within = |limit| identity_within(limit, ContentCoding::Gzip, &bomb);
        assert_eq!(within((1 << 20) - 1), Err(ErrorReason::ContentTooLarge));
        assert!(within(1 << 20).is_ok());
    }
}
