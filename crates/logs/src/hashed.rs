//! Hashes of texts, and maps by them.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher};

use foldhash::quality::FixedState;

/// Hash of a text; that of an empty one, which most fields of most logs are, costs nothing.
pub(crate) fn hashed(text: &[u8]) -> u64 {
    seeded(0, text)
}

/// Hash of a text behind another, whose hash is given; nothing behind it leaves that.
#[inline]
pub(crate) fn seeded(before: u64, text: &[u8]) -> u64 {
    if text.is_empty() {
        return before;
    }
    let mut hasher = FixedState::with_seed(before).build_hasher();
    hasher.write(text);
    hasher.finish()
}

/// Hashes of keys that are hashes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unhashed(u64);

impl Hasher for Unhashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = self.0.rotate_left(29) ^ number;
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }
}

/// Map by hashes.
pub(crate) type Hashed<K, V> = HashMap<K, V, BuildHasherDefault<Unhashed>>;
