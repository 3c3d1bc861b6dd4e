//! Content in a content coding (RFC 9110 §8.4.1).
//!
//! The same content gives the same bytes on every replica: fixed levels, no file names and no
//! times. Levels are those of servers that compress what they are asked for, not of archives.

use std::io::{self, Write as _};

use bytes::Bytes;
use semantics::Coding;

const BROTLI_QUALITY: i32 = 5;
const BROTLI_WINDOW_BITS: i32 = 22;
const ZSTD_LEVEL: i32 = 3;

/// The content, compressed.
pub(super) fn encode(coding: Coding, content: &[u8]) -> Bytes {
    let encoded = match coding {
        Coding::Gzip => gzip(content),
        Coding::Br => brotli(content),
        Coding::Zstd => zstd::bulk::compress(content, ZSTD_LEVEL),
    };
    encoded.expect("writing to memory does not fail").into()
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
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
    use super::*;
    use std::io::Read as _;

    fn decode(coding: Coding, encoded: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        match coding {
            Coding::Gzip => flate2::read::GzDecoder::new(encoded).read_to_end(&mut content)?,
            Coding::Br => brotli::Decompressor::new(encoded, 4_096).read_to_end(&mut content)?,
            Coding::Zstd => zstd::Decoder::new(encoded)?.read_to_end(&mut content)?,
        };
        Ok(content)
    }

    #[test]
    fn what_is_encoded_decodes_and_is_the_same_every_time() -> io::Result<()> {
        for content in [crate::content::sample(8_192, 42, 1), b"x".to_vec(), Vec::new()] {
            for coding in Coding::ALL {
                let encoded = encode(coding, &content);
                assert_eq!(decode(coding, &encoded)?, content, "{coding:?}");
                assert_eq!(encode(coding, &content), encoded, "{coding:?}");
            }
        }
        Ok(())
    }

    #[test]
    fn a_configuration_becomes_smaller() {
        let content = crate::content::sample(8_192, 42, 1);
        for coding in Coding::ALL {
            assert!(encode(coding, &content).len() < content.len() / 2, "{coding:?}");
        }
    }
}
