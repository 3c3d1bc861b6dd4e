//! Content on its way into gzip, framed for the client.
//!
//! What leaves depends on the content alone, not on the pieces in which it came, so that byte counts
//! repeat. The price is that content of less than a block leaves when it is complete, and not before.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::wire::{FramedContent, InvalidFraming};

/// Content is compressed so many bytes at a time.
const BLOCK_BYTES: usize = 64 * 1024;

pub(crate) struct Coder {
    gzip: GzEncoder<Vec<u8>>,
    /// Less than a block.
    waiting: Vec<u8>,
    chunked: bool,
}

impl Coder {
    /// A coder at this level, `1..=9`; `chunked` frames what leaves (RFC 9112 §7.1).
    pub(crate) fn new(level: u32, chunked: bool) -> Self {
        // The level is that of the edge and never adapts: replicas and runs must produce the same
        // bytes.
        let gzip = GzEncoder::new(Vec::new(), Compression::new(level));
        Self { gzip, waiting: Vec::new(), chunked }
    }

    /// Takes what belongs to `content` from the received bytes, framing included, appends to `out`
    /// what is ready to leave, and returns how many bytes it took.
    pub(crate) fn take(
        &mut self,
        content: &mut FramedContent,
        received: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<usize, InvalidFraming> {
        let count = content.decode(received, &mut self.waiting)?;
        let whole_blocks = self.waiting.len() / BLOCK_BYTES * BLOCK_BYTES;
        for block in self.waiting[..whole_blocks].chunks(BLOCK_BYTES) {
            compress(&mut self.gzip, block);
            push(out, self.gzip.get_mut(), self.chunked);
        }
        self.waiting.drain(..whole_blocks);
        if content.is_complete() {
            self.finish(out);
        }
        Ok(count)
    }

    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        compress(&mut self.gzip, &self.waiting);
        self.waiting.clear();
        self.gzip.try_finish().expect("a vector takes everything");
        push(out, self.gzip.get_mut(), self.chunked);
        if self.chunked {
            out.extend_from_slice(b"0\r\n\r\n");
        }
    }
}

fn compress(gzip: &mut GzEncoder<Vec<u8>>, block: &[u8]) {
    gzip.write_all(block).expect("a vector takes everything");
}

/// Moves what is coded to `out`; an empty chunk would be the end of the content.
fn push(out: &mut Vec<u8>, coded: &mut Vec<u8>, chunked: bool) {
    if chunked && !coded.is_empty() {
        out.extend_from_slice(format!("{:x}\r\n", coded.len()).as_bytes());
        out.append(coded);
        out.extend_from_slice(b"\r\n");
    }
    out.append(coded);
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn content(bytes: usize) -> Vec<u8> {
        (0_u32..).flat_map(|n| format!("{} ", n * 7919 % 1000).into_bytes()).take(bytes).collect()
    }

    fn coded(content: &[u8], piece: usize, level: u32, chunked: bool) -> Vec<u8> {
        let mut coder = Coder::new(level, chunked);
        let (mut framing, mut out) = (FramedContent::of_length(content.len() as u64), Vec::new());
        for piece in content.chunks(piece) {
            coder.take(&mut framing, piece, &mut out).expect("a length is never malformed");
        }
        out
    }

    #[test]
    fn what_leaves_does_not_depend_on_the_pieces_that_came() {
        for bytes in [1, 8_192, BLOCK_BYTES, 3 * BLOCK_BYTES + 17] {
            let content = content(bytes);
            for (level, chunked) in [(1, true), (6, true), (6, false)] {
                let whole = coded(&content, bytes, level, chunked);
                for piece in [97, 4_096, 16_384] {
                    assert!(whole == coded(&content, piece, level, chunked), "{bytes} by {piece}");
                }
            }
        }
    }

    #[test]
    fn without_chunks_it_is_gzip_and_nothing_else() {
        let content = content(2 * BLOCK_BYTES);
        let coded = coded(&content, 1_000, 6, false);
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(coded.as_slice()).read_to_end(&mut back).expect("gzip");
        assert!(back == content && coded.len() < content.len() / 2);
    }
}
