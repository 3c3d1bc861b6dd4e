//! The hash that content strategies share, and how digests are spelled.
//!
//! A fixed function without a seed, so that every process on every host agrees.

use sha2::{Digest as _, Sha256};

/// The first 128 bits of the content's SHA-256 in 32 lower-case hex digits.
pub(crate) fn sha256_128_hex(content: &[u8]) -> String {
    first_half_hex(Sha256::digest(content).into())
}

/// The first 128 bits of a digest in 32 lower-case hex digits.
pub(crate) fn first_half_hex(digest: [u8; 32]) -> String {
    // Enough for a tag: a collision is to be expected after some 2^64 contents, and half the length
    // is saved in every request and every response.
    let half = digest.first_chunk().expect("16 octets are half of 32");
    format!("{:032x}", u128::from_be_bytes(*half))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8], expected: &str) {
        assert_eq!(sha256_128_hex(content), expected);
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
