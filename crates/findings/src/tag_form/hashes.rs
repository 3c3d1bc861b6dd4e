//! Hashes of a content, and the notations in which tags spell them.
//!
//! Three hashes are made of every content (see `evidence::content`). The others are made where a tag
//! is to be read, of contents that were kept whole, and once each.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::Digest as _;

use crate::evidence::{Digests, Evidence, Fingerprint, hex};

/// A content that was kept whole, and its hashes once somebody asks for them.
#[derive(Debug)]
pub(crate) struct Hashes<'a> {
    content: &'a [u8],
    all: OnceCell<Vec<(&'static str, Vec<u8>)>>,
}

impl<'a> Hashes<'a> {
    pub(crate) fn of(content: &'a [u8]) -> Self {
        Self { content, all: OnceCell::new() }
    }

    /// Those of each content of which the sample is the whole.
    pub(crate) fn of_samples(evidence: &'a Evidence) -> BTreeMap<Fingerprint, Rc<Self>> {
        let whole = evidence.samples.iter().filter(|(_, it)| it.len() < Evidence::SAMPLE_BYTES);
        whole.map(|(content, sample)| (*content, Rc::new(Self::of(sample)))).collect()
    }

    /// Name of the function that makes this text of the content.
    pub(super) fn name_of(&self, text: &str) -> Option<&'static str> {
        let all = self.all.get_or_init(|| all(self.content));
        all.iter().find(|(_, hash)| is_spelled(text, hash)).map(|(name, _)| *name)
    }

    /// Number that Next.js writes before the length.
    pub(super) fn next(&self) -> Option<(u64, usize)> {
        let text = str::from_utf8(self.content).ok()?;
        let hash = text.encode_utf16().fold(FNV_BASIS, |hash, unit| fnv_1a(hash, unit.into()));
        Some(((hash & ((1 << 52) - 1)) ^ (hash >> 52), text.encode_utf16().count()))
    }
}

/// Name of the hash among those that are made of every content.
pub(super) fn name_among(digests: &Digests, text: &str) -> Option<&'static str> {
    let hashes: [(&str, &[u8]); 3] =
        [("md5", &digests.md5), ("sha1", &digests.sha1), ("sha256", &digests.sha256)];
    hashes.into_iter().find(|(_, hash)| is_spelled(text, hash)).map(|(name, _)| name)
}

const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv_1a(hash: u64, unit: u64) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    (hash ^ unit).wrapping_mul(PRIME)
}

fn all(content: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let fnv_64 = content.iter().fold(FNV_BASIS, |hash, byte| fnv_1a(hash, (*byte).into()));
    vec![
        ("sha512", sha2::Sha512::digest(content).to_vec()),
        ("sha384", sha2::Sha384::digest(content).to_vec()),
        ("sha224", sha2::Sha224::digest(content).to_vec()),
        ("blake3", blake3::hash(content).as_bytes().to_vec()),
        ("xxh3-128", xxhash_rust::xxh3::xxh3_128(content).to_be_bytes().to_vec()),
        ("xxh3-64", xxhash_rust::xxh3::xxh3_64(content).to_be_bytes().to_vec()),
        ("xxh64", xxhash_rust::xxh64::xxh64(content, 0).to_be_bytes().to_vec()),
        ("xxh32", xxhash_rust::xxh32::xxh32(content, 0).to_be_bytes().to_vec()),
        ("fnv1a-64", fnv_64.to_be_bytes().to_vec()),
        ("fnv1a-32", fnv_32(content).to_be_bytes().to_vec()),
        ("crc32", crc32fast::hash(content).to_be_bytes().to_vec()),
        ("adler32", adler_32(content).to_be_bytes().to_vec()),
    ]
}

fn fnv_32(content: &[u8]) -> u32 {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    content.iter().fold(0x811c_9dc5, step)
}

fn adler_32(content: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    let (low, high) = content.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % MODULUS;
        (low, (high + low) % MODULUS)
    });
    high << 16 | low
}

/// Characters of a hash that do not agree by chance.
const SURE: usize = 8;

/// Reports whether a text is a hash: in hexadecimal or base64, cut at either end, or as a number.
pub(super) fn is_spelled(text: &str, hash: &[u8]) -> bool {
    let lower = text.to_ascii_lowercase();
    let whole = hex(hash);
    // Spring prints a zero before an MD5.
    let spring = text.len() == 33 && lower.strip_prefix('0') == Some(&whole);
    let sure = text.len() >= SURE;
    let hexadecimal = sure && (whole.starts_with(&lower) || whole.ends_with(&lower));
    let bare = text.trim_end_matches('=');
    let base64 = sure
        && [STANDARD.encode(hash), URL_SAFE_NO_PAD.encode(hash)].iter().any(|whole| {
            let whole = whole.trim_end_matches('=');
            whole.starts_with(bare) || whole.ends_with(bare)
        });
    spring || hexadecimal || base64 || is_number(&lower, hash)
}

/// Reports whether a text is a whole hash of at most 128 bits as a number, without zeros before it.
fn is_number(text: &str, hash: &[u8]) -> bool {
    // Fewer characters agree by chance, and 128 bits have at most 39.
    if !(5..=40).contains(&text.len()) || hash.len() > 16 {
        return false;
    }
    let hash = hash.iter().fold(0, |all, byte| all << 8 | u128::from(*byte));
    let is = |radix| u128::from_str_radix(text, radix) == Ok(hash);
    // Java and JavaScript have signed numbers.
    let signed = text.starts_with('-')
        && (text.parse() == Ok((hash as u32).cast_signed()) && hash <= u32::MAX.into()
            || text.parse() == Ok((hash as u64).cast_signed()) && hash <= u64::MAX.into());
    is(10) || is(16) || is(36) || signed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published values of `123456789`, or those of Python's `hashlib` and `zlib`.
    #[test]
    fn each_function_gives_what_was_published() {
        let hashes = Hashes::of(b"123456789");
        for (text, name) in [
            ("cbf43926", "crc32"),
            ("3421780262", "crc32"),
            ("-873187034", "crc32"),
            ("1kl8mjq", "crc32"),
            ("091e01de", "adler32"),
            ("91e01de", "adler32"),
            ("152961502", "adler32"),
            ("bb86b11c", "fnv1a-32"),
            ("06d5573923c6cdfc", "fnv1a-64"),
            ("8cb841db40e6ae83", "xxh64"),
            ("937bad67", "xxh32"),
            ("d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a", "sha512"),
            ("d9e6762dd1c8eaf6d61b3c6192fc408d", "sha512"),
        ] {
            assert_eq!(hashes.name_of(text), Some(name), "{text}");
        }
        let of_nothing = Hashes::of(b"");
        for (text, name) in [
            ("af1349b9f5f9a1a6a0404dea36dcc949", "blake3"),
            ("2d06800538d394c2", "xxh3-64"),
            ("99aa06d3014798d86001c324468d497f", "xxh3-128"),
        ] {
            assert_eq!(of_nothing.name_of(text), Some(name), "{text}");
        }
        for text in ["cbf43927", "", "1", "0", "26", "cbf4"] {
            assert_eq!(hashes.name_of(text), None, "{text}");
        }
    }

    #[test]
    fn notations_of_one_hash_are_known() {
        let hash = [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde];
        for text in [
            "ba7816bf8f01cfea414140de",
            "BA7816BF8F01CFEA414140DE",
            "ba7816bf",
            "8f01cfea414140de",
            "ungWv48Bz+pBQUDe",
            "ungWv48Bz-pBQUDe",
            "ungWv48Bz",
            "57709390350819425521917575390",
        ] {
            assert!(is_spelled(text, &hash), "{text}");
        }
        assert!(!is_spelled("ba7816b", &hash) && !is_spelled("7816bf8f01", &hash));
    }

    #[test]
    fn the_hash_of_next_js_is_folded_to_52_bits() {
        // `fnv1a52("<html>é</html>")` as Next.js 14 has it, run by node.
        assert_eq!(
            Hashes::of("<html>é</html>".as_bytes()).next(),
            Some((3_844_237_642_573_737, 14))
        );
        assert_eq!(Hashes::of(&[0xff]).next(), None);
    }
}
