//! The hash that content strategies share, and how digests are spelled.
//!
//! A fixed function without a seed, so that every process on every host agrees.

use sha2::{Digest as _, Sha256};

/// Bytes of a digest that make a tag.
pub(crate) const TAG_BYTES: usize = 16;
const HEX_DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The first 128 bits of the content's SHA-256 in 32 lower-case hex digits.
pub(crate) fn sha256_128_hex(content: &[u8]) -> [u8; 2 * TAG_BYTES] {
    // Enough for a tag: a collision is to be expected after some 2^64 contents, and half the length
    // is saved in every request and every response.
    let digest = Sha256::digest(content);
    let mut hex = [0; 2 * TAG_BYTES];
    for (digits, byte) in hex.chunks_exact_mut(2).zip(digest) {
        digits[0] = HEX_DIGITS[usize::from(byte >> 4)];
        digits[1] = HEX_DIGITS[usize::from(byte & 0xf)];
    }
    hex
}

/// These bytes in lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = |byte: &u8| [byte >> 4, byte & 0xf].map(|half| HEX_DIGITS[usize::from(half)]);
    bytes.iter().flat_map(digits).map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8], expected: &str) {
        assert_eq!(sha256_128_hex(content), expected.as_bytes());
    }

    #[test]
    fn the_published_digests_are_met() {
        // FIPS 180-2, appendix B.1 and B.2, and the well-known digest of nothing.
        check(b"abc", "ba7816bf8f01cfea414140de5dae2223");
        check(
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039",
        );
        check(b"", "e3b0c44298fc1c149afbf4c8996fb924");
    }
}
