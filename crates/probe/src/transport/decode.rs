//! Undoes content codings, up to a number of bytes: a small response may decode to a huge one.

use std::io::Read;

/// The decoded content; `None` when the coding is unknown, the content damaged or too long.
pub(crate) fn decode(coding: &str, content: Vec<u8>, limit: usize) -> Option<Vec<u8>> {
    let mut content = content;
    // The last coding was applied last (RFC 9110 §8.4). Nobody needs more than two.
    let codings: Vec<_> =
        coding.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if codings.len() > 2 {
        return None;
    }
    // Some servers name a coding and send nothing in it.
    if content.is_empty() {
        return Some(content);
    }
    for coding in codings.into_iter().rev() {
        content = match coding {
            "identity" => content,
            "gzip" | "x-gzip" => limited(flate2::read::MultiGzDecoder::new(&content[..]), limit)?,
            "deflate" => limited(flate2::read::ZlibDecoder::new(&content[..]), limit)
                .or_else(|| limited(flate2::read::DeflateDecoder::new(&content[..]), limit))?,
            "br" => limited(brotli_decompressor::Decompressor::new(&content[..], 4_096), limit)?,
            "zstd" => unzstd(&content, limit)?,
            _ => return None,
        };
    }
    Some(content)
}

/// Frame after frame (RFC 8878 §3.1).
fn unzstd(content: &[u8], limit: usize) -> Option<Vec<u8>> {
    let (mut rest, mut whole) = (content, Vec::new());
    while !rest.is_empty() {
        let frame = ruzstd::decoding::StreamingDecoder::new(&mut rest).ok()?;
        whole.extend(limited(frame, limit - whole.len())?);
    }
    Some(whole)
}

fn limited(decoder: impl Read, limit: usize) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    decoder.take(limit as u64 + 1).read_to_end(&mut content).ok()?;
    (content.len() <= limit).then_some(content)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).and_then(|()| encoder.finish()).expect("memory takes bytes")
    }

    fn zstd(content: &[u8]) -> Vec<u8> {
        compress_to_vec(content, CompressionLevel::Fastest)
    }

    #[test]
    fn codings_are_undone_and_unknown_or_damaged_content_is_not_guessed() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"content").expect("memory takes bytes");
        let zlib = zlib.finish().expect("memory takes bytes");
        for (coding, coded, expected) in [
            ("", b"content".to_vec(), Some(&b"content"[..])),
            ("gzip", gzip(b"content"), Some(b"content")),
            ("deflate", zlib, Some(b"content")),
            ("gzip, gzip", gzip(&gzip(b"content")), Some(b"content")),
            ("gzip", b"content".to_vec(), None),
            ("zstd", zstd(b"content"), Some(b"content")),
            ("zstd", [zstd(b"con"), zstd(b"tent")].concat(), Some(b"content")),
            ("zstd", b"content".to_vec(), None),
            ("compress", b"content".to_vec(), None),
            ("gzip", Vec::new(), Some(b"")),
            ("gzip,gzip,gzip", gzip(b""), None),
        ] {
            assert_eq!(decode(coding, coded, 100).as_deref(), expected, "{coding}");
        }
    }

    #[test]
    fn a_bomb_is_left_alone_at_the_limit() {
        let bomb = gzip(&vec![0; 10_000_000]);
        assert!(bomb.len() < 20_000);
        assert_eq!(decode("gzip", bomb.clone(), 1_000_000), None);
        let zstd = zstd(&vec![0; 10_000_000]);
        assert!(zstd.len() < 20_000);
        assert_eq!(decode("zstd", zstd.clone(), 1_000_000), None);
        assert_eq!(decode("zstd", zstd, 10_000_000).map(|content| content.len()), Some(10_000_000));
        assert_eq!(decode("gzip", bomb, 10_000_000).map(|content| content.len()), Some(10_000_000));
    }
}
