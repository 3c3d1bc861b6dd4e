//! Hash functions that a process seeds for itself, made reproducible: the seed is an argument.
//!
//! `SipHash` 1-3 is what Python (since 3.11) and Rust's standard library use. Not for tags that
//! are to agree, which is the point.

use std::hash::{BuildHasher, Hasher as _};

use siphasher::sip::SipHasher13;

/// Python's `hash()` of these bytes in a process whose `PYTHONHASHSEED` is the lower half of
/// `seed`.
pub(crate) fn python_hash(seed: u64, bytes: &[u8]) -> i64 {
    // Python does not seed the hash of nothing.
    if bytes.is_empty() {
        return 0;
    }
    let mut hasher = Seeded(seed).build_hasher();
    hasher.write(bytes);
    match hasher.finish().cast_signed() {
        // Within Python, -1 means that hashing failed.
        -1 => -2,
        hash => hash,
    }
}

/// Makes the hashers of a process with this seed, as `RandomState` does.
#[derive(Clone, Copy)]
pub(crate) struct Seeded(pub(crate) u64);

impl BuildHasher for Seeded {
    type Hasher = SipHasher13;

    fn build_hasher(&self) -> SipHasher13 {
        SipHasher13::new_with_key(&key(self.0 as u32))
    }
}

/// The key that Python derives from a seed.
fn key(seed: u32) -> [u8; 16] {
    let mut state = seed;
    let mut key = [0; 16];
    // Zero switches the seeding off, as `PYTHONHASHSEED=0` does.
    if seed != 0 {
        key.fill_with(|| {
            state = state.wrapping_mul(214_013).wrapping_add(2_531_011);
            (state >> 16) as u8
        });
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(seed: u64, bytes: &[u8], expected: i64) {
        assert_eq!(python_hash(seed, bytes), expected, "{seed}");
    }

    #[test]
    fn the_hashes_are_those_of_python_3_11() {
        check(0, b"Hello, World!", 2_986_627_074_980_652_947);
        check(42, b"Hello, World!", -7_745_032_249_859_260_522);
        check(1, b"abc", -4_667_308_735_975_688_587);
        check(u64::from(u32::MAX), b"abc", -6_122_489_556_238_538_401);
        check(42, b"", 0);
    }
}
