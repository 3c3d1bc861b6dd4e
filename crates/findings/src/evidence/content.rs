//! Content of a response: counted, decoded, hashed, never kept whole.
//! Does not decode: see `wire::coding`.

use std::fmt;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// SHA-256 of decoded content.
pub type Fingerprint = [u8; 32];

/// The content of one response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContentSummary {
    /// Bytes as they travelled, without framing.
    pub coded_bytes: u64,
    /// Digests of the whole content, decoded; `None` when it was not seen whole, was larger than
    /// the limit, or has a coding that nobody here can undo.
    pub decoded: Option<Digests>,
    /// True of a content that was seen whole and is not in the coding that it names.
    pub is_undecodable: bool,
    /// Digests of the same content as it travelled; `None` without a content coding.
    pub coded: Option<Digests>,
    /// Bytes that came after the end of a response that has no content.
    pub stray_bytes: u64,
}

/// The size and some hashes of a content, decoded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digests {
    /// Number of bytes.
    pub bytes: u64,
    /// SHA-256, which also identifies the content.
    pub sha256: Fingerprint,
    /// SHA-1, which some tags are made of.
    pub sha1: [u8; 20],
    /// MD5, which many tags are made of.
    pub md5: [u8; 16],
}

impl Digests {
    /// Hashes a content.
    pub fn of(content: &[u8]) -> Self {
        Self {
            bytes: content.len() as u64,
            sha256: Sha256::digest(content).into(),
            sha1: Sha1::digest(content).into(),
            md5: Md5::digest(content).into(),
        }
    }
}

impl fmt::Debug for Digests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes, sha-256 {}", self.bytes, short(&self.sha256))
    }
}

/// The first 48 bits of a fingerprint in hexadecimal, to name a content in a report.
pub fn short(fingerprint: &Fingerprint) -> String {
    hex(&fingerprint[..6])
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
