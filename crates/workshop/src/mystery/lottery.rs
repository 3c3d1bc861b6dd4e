//! Draws from a seed: the same seed draws the same on every machine, and in every process that is asked.
//!
//! A hash and no generator of a library, so that a sheet of seeds that a trainer has printed stays true.

use super::Difficulty;

/// Domain of the draws; another number, another set of mysteries.
const DRAWS: &str = "etag-lab mystery 1 draws";
/// Domain of the keys that sign results.
const KEY: &str = "etag-lab mystery 1 results";

/// Draws of one mystery.
pub(crate) struct Lottery(blake3::OutputReader);

impl Lottery {
    pub(crate) fn of(seed: u64, difficulty: Difficulty) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(DRAWS);
        hasher.update(&seed.to_le_bytes()).update(&[difficulty.number()]);
        Self(hasher.finalize_xof())
    }

    /// A number below this one, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        // The bias of a remainder is nothing against 64 bits.
        u64::from_le_bytes(bytes) % end
    }

    /// One of these.
    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// True in so many of a hundred draws.
    pub(crate) fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }
}

/// The key that signs the results of a seed.
pub(crate) fn key(seed: u64) -> [u8; 32] {
    blake3::derive_key(KEY, &seed.to_le_bytes())
}
