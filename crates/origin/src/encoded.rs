//! The content in its gzip coding, as the command `gzip FILE` makes it of a replica's own copy.
//!
//! Not the coding of responses: this is what a checksum of a compressed file is taken from.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};

/// The content compressed at gzip's usual level, with the copy's modification time in the header
/// (RFC 1952 §2.3); 0 where four bytes cannot hold it.
pub fn gzip(content: &[u8], modified_s: i128) -> Vec<u8> {
    let time = u32::try_from(modified_s).unwrap_or(0);
    let mut encoder = GzBuilder::new().mtime(time).write(Vec::new(), Compression::default());
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.expect("memory takes everything that is written to it")
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
