//! Content codings (RFC 9110 §8.4.1), undone up to a number of bytes: a few may claim to be
//! terabytes.
//!
//! A content is decoded whole or not at all: every member of gzip, every frame of zstd. A decoder
//! that stopped after the first would call contents equal that differ further on.

use std::io::Read;

use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// A content coding other than `identity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// `gzip`, also as `x-gzip`.
    Gzip,
    /// `deflate`: the zlib format, or raw DEFLATE as some servers send it (RFC 9110 §8.4.1.2).
    Deflate,
    /// `br`.
    Brotli,
    /// `zstd`.
    Zstd,
}

/// Reason why coded content is not decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// A coding that is not known here, or too many of them.
    #[error("a content coding that is not known")]
    Unknown,
    /// Content that is damaged, cut short or in another coding.
    #[error("content that does not decode")]
    Damaged,
    /// More than the limit.
    #[error("content that decodes to more than the limit")]
    TooLarge,
}

impl Coding {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "gzip" | "x-gzip" => Self::Gzip,
            "deflate" => Self::Deflate,
            "br" => Self::Brotli,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }

    /// Decodes a complete content in order and calls `take` with its parts.
    pub fn decode(
        self,
        coded: &[u8],
        limit: usize,
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), Undecodable> {
        // Some servers name a coding and send nothing in it.
        if coded.is_empty() {
            return Ok(());
        }
        let mut left = limit;
        match self {
            Self::Gzip => read(MultiGzDecoder::new(coded), &mut left, &mut take),
            Self::Deflate => {
                // Which of two formats it is shows only at the end, so nothing is passed on before.
                take(&inflate(coded, limit)?);
                Ok(())
            }
            Self::Brotli => {
                read(brotli_decompressor::Decompressor::new(coded, 4_096), &mut left, &mut take)
            }
            Self::Zstd => {
                let mut rest = coded;
                while !rest.is_empty() {
                    // Skippable frames hold no content (RFC 8878 §3.1).
                    if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, data @ ..] = rest {
                        let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
                        rest = data.get(length..).ok_or(Undecodable::Damaged)?;
                        continue;
                    }
                    let frame = ruzstd::decoding::StreamingDecoder::new(&mut rest);
                    read(frame.map_err(|_| Undecodable::Damaged)?, &mut left, &mut take)?;
                }
                Ok(())
            }
        }
    }
}

/// Undoes the codings of a `Content-Encoding` list in lower case, the last of which was applied
/// last.
pub fn decode_all(list: &str, content: Vec<u8>, limit: usize) -> Result<Vec<u8>, Undecodable> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<_> = names.filter(|name| *name != "identity").collect();
    // No server needs more than two; each further one multiplies what a bomb unfolds to.
    if names.len() > 2 {
        return Err(Undecodable::Unknown);
    }
    if content.is_empty() {
        return Ok(content);
    }
    names.into_iter().rev().try_fold(content, |content, name| {
        let coding = Coding::named(name).ok_or(Undecodable::Unknown)?;
        let mut decoded = Vec::new();
        coding.decode(&content, limit, |part| decoded.extend_from_slice(part))?;
        Ok(decoded)
    })
}

/// The zlib format, else raw DEFLATE. That one has neither a header nor a checksum, so it has to
/// end where the content does.
fn inflate(coded: &[u8], limit: usize) -> Result<Vec<u8>, Undecodable> {
    let mut decoded = Vec::new();
    let zlib = read(ZlibDecoder::new(coded), &mut limit.clone(), |part| {
        decoded.extend_from_slice(part);
    });
    if zlib != Err(Undecodable::Damaged) {
        return zlib.map(|()| decoded);
    }
    decoded.clear();
    let mut raw = DeflateDecoder::new(coded);
    read(&mut raw, &mut limit.clone(), |part| decoded.extend_from_slice(part))?;
    let is_whole = raw.total_in() == coded.len() as u64;
    is_whole.then_some(decoded).ok_or(Undecodable::Damaged)
}

/// Reads to the end, or until more has come than is left of the limit.
fn read(
    mut decoder: impl Read,
    left: &mut usize,
    mut take: impl FnMut(&[u8]),
) -> Result<(), Undecodable> {
    // Decoded in pieces: most callers hash the content and need no copy of it.
    let mut piece = [0; 16 * 1024];
    loop {
        match decoder.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                *left = left.checked_sub(count).ok_or(Undecodable::TooLarge)?;
                take(&piece[..count]);
            }
            Err(_) => return Err(Undecodable::Damaged),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    const CONTENT: &[u8] = b"hello world, hello world, hello world";

    /// [`CONTENT`] as `brotli` codes it.
    const BROTLI: &[u8] = &[
        27, 36, 0, 248, 141, 212, 78, 249, 195, 80, 84, 101, 104, 13, 194, 194, 246, 166, 102, 161,
        166, 26, 200, 128, 106, 150, 0,
    ];

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).and_then(|()| encoder.finish()).expect("memory takes bytes")
    }

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).and_then(|()| encoder.finish()).expect("memory takes bytes")
    }

    fn raw(content: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).and_then(|()| encoder.finish()).expect("memory takes bytes")
    }

    fn zstd(content: &[u8]) -> Vec<u8> {
        compress_to_vec(content, CompressionLevel::Fastest)
    }

    fn every_coding() -> [(&'static str, Vec<u8>); 5] {
        [
            ("gzip", gzip(CONTENT)),
            ("deflate", zlib(CONTENT)),
            ("deflate", raw(CONTENT)),
            ("br", BROTLI.to_vec()),
            ("zstd", zstd(CONTENT)),
        ]
    }

    fn check(list: &str, coded: &[u8], expected: Result<&[u8], Undecodable>) {
        let decoded = decode_all(list, coded.to_vec(), 1 << 20);
        assert_eq!(decoded.as_deref(), expected.as_deref(), "{list}: {coded:02x?}");
    }

    #[test]
    fn codings_are_undone_whole_and_in_their_order() {
        for (coding, coded) in every_coding() {
            check(coding, &coded, Ok(CONTENT));
            check(coding, b"", Ok(b""));
        }
        check("", CONTENT, Ok(CONTENT));
        check("gzip, identity, gzip", &gzip(&gzip(CONTENT)), Ok(CONTENT));
        check("deflate, br", BROTLI, Err(Undecodable::Damaged));
        check("gzip", &[gzip(b"hello "), gzip(b"world")].concat(), Ok(b"hello world"));
        let skippable = [0x5f, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7].to_vec();
        let frames = [zstd(b"hello "), skippable, zstd(b"world")].concat();
        check("zstd", &frames, Ok(b"hello world"));
    }

    #[test]
    fn content_that_is_cut_corrupt_or_something_else_does_not_decode() {
        for (coding, coded) in every_coding() {
            check(coding, &coded[..coded.len() - 1], Err(Undecodable::Damaged));
            check(coding, b"{\"this\": \"is not coded at all\"}", Err(Undecodable::Damaged));
        }
        let mut wrong_sum = gzip(CONTENT);
        let place = wrong_sum.len() - 6;
        wrong_sum[place] ^= 1;
        check("gzip", &wrong_sum, Err(Undecodable::Damaged));
        let trailing = b"and more of it";
        for (coding, coded) in [("gzip", gzip(CONTENT)), ("deflate", raw(CONTENT))] {
            check(coding, &[&coded[..], trailing].concat(), Err(Undecodable::Damaged));
        }
        check("zstd", &[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7], Err(Undecodable::Damaged));
    }

    #[test]
    fn unknown_codings_and_too_many_of_them_are_not_guessed() {
        check("compress", CONTENT, Err(Undecodable::Unknown));
        check("gzip,gzip,gzip", &gzip(CONTENT), Err(Undecodable::Unknown));
    }

    #[test]
    fn a_bomb_is_left_alone_at_the_limit() {
        let content = vec![0; 1 << 20];
        for (coding, bomb) in [
            ("gzip", gzip(&content)),
            ("deflate", zlib(&content)),
            ("deflate", raw(&content)),
            ("zstd", zstd(&content)),
            ("zstd", [zstd(&content[1..]), zstd(&content[..1])].concat()),
        ] {
            assert!(bomb.len() < 3_000, "{coding}");
            let decoded = |limit| decode_all(coding, bomb.clone(), limit).map(|all| all.len());
            assert_eq!(decoded((1 << 20) - 1), Err(Undecodable::TooLarge), "{coding}");
            assert_eq!(decoded(1 << 20), Ok(1 << 20), "{coding}");
        }
    }
}
