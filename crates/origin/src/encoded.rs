//! The content in its codings (RFC 9110 §8.4.1), and in gzip as the command `gzip FILE` makes it.
//!
//! The same content gives the same bytes on every replica: fixed levels, no file names and no
//! times. Levels are those of servers that compress what they are asked for, not of archives.

use std::io;

use bytes::Bytes;
use semantics::Coding;
use server::representation;

const BROTLI_QUALITY: i32 = 5;
const BROTLI_WINDOW_BITS: i32 = 22;
const ZSTD_LEVEL: i32 = 3;

/// The content of a replica's own copy as a compressed file, of which a checksum can be taken, with
/// the copy's modification time in its header; 0 where four bytes cannot hold it.
pub fn gzip(content: &[u8], modified_s: i128) -> Vec<u8> {
    representation::gzip(content, u32::try_from(modified_s).unwrap_or(0))
}

/// The content as it is sent in a coding.
pub(crate) fn encode(coding: Coding, content: &[u8]) -> Bytes {
    let encoded = match coding {
        Coding::Gzip => Ok(representation::gzip(content, 0)),
        Coding::Br => brotli(content),
        Coding::Zstd => zstd::bulk::compress(content, ZSTD_LEVEL),
    };
    encoded.expect("writing to memory does not fail").into()
}

fn brotli(mut content: &[u8]) -> io::Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW_BITS,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut encoded = Vec::new();
    brotli::BrotliCompress(&mut content, &mut encoded, &params)?;
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_header_carries_the_time_and_the_rest_is_the_content() -> std::io::Result<()> {
        let (one, two) = (gzip(b"content", 1), gzip(b"content", 0x0102_0304));
        assert_eq!((&one[4..8], &two[4..8]), (&[1, 0, 0, 0][..], &[4, 3, 2, 1][..]));
        assert_eq!(one[8..], two[8..]);
        assert_eq!(gzip(b"content", -1)[4..8], [0; 4]);
        let mut content = Vec::new();
        flate2::read::GzDecoder::new(&two[..]).read_to_end(&mut content)?;
        assert_eq!(content, b"content");
        Ok(())
    }
}
