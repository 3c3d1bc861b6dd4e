//! Tells lighttpd's tags of size and modification time from those with the inode.
//!
//! Its hash (Knuth's, over machine words, from 1.4.60 on) is linear over bits, so that what one word
//! can add to it is a space of vectors. Size and seconds are known from the response. Copies dated
//! to the second, as deployments stamp them, then show whether an inode was needed. With fractions
//! of a second they seldom do. Says nothing of other programs.

use super::Specimen;

/// `None` when the tags do not tell. Of numbers that something else made 1 in 200 fits by chance, so
/// that no server has to name itself.
pub(super) fn leaves_inode_out(specimens: &[Specimen<'_>]) -> Option<bool> {
    let rests: Option<Vec<u32>> = specimens.iter().map(rest).collect();
    let rests = rests?;
    if rests.iter().all(|rest| *rest == 0) {
        return Some(true);
    }
    rests.iter().all(|rest| is_reachable(rest ^ LENGTHS)).then_some(false)
}

/// Bits of inodes of usual file systems.
const INODE_BITS: u32 = 32;

/// Effect of the length on the hash of four words instead of three: the hash begins with it.
const LENGTHS: u32 = 24_u32.rotate_left(24 * 5 % 32) ^ 32_u32.rotate_left(32 * 5 % 32);

/// Part of the hash that size and seconds leave unexplained.
fn rest(specimen: &Specimen<'_>) -> Option<u32> {
    let facts = specimen.facts;
    let tag: u32 = specimen.base().parse().ok()?;
    let (size, seconds) = (facts.content?.bytes, facts.last_modified?.unix_seconds());
    Some(tag ^ hash(24, &[size, seconds, 0]))
}

/// Reports whether some inode changes the hash by this much.
fn is_reachable(difference: u32) -> bool {
    // One vector for each highest bit (Gaussian elimination).
    let mut basis = [0_u32; 32];
    for bit in 0..INODE_BITS {
        let vector = reduced(hash(0, &[1 << bit, 0, 0, 0]), &basis);
        if let Some(highest) = vector.checked_ilog2() {
            basis[highest as usize] = vector;
        }
    }
    reduced(difference, &basis) == 0
}

fn reduced(mut vector: u32, basis: &[u32; 32]) -> u32 {
    for highest in (0..32).rev() {
        if vector >> highest & 1 == 1 {
            vector ^= basis[highest];
        }
    }
    vector
}

fn hash(begin: u32, words: &[u64]) -> u32 {
    let bytes = words.iter().flat_map(|word| word.to_le_bytes());
    bytes.fold(begin, |hash, byte| hash.rotate_left(5) ^ u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_inode_is_reached_and_few_other_numbers() {
        for inode in [1, 181_153, 10_526_846, u64::from(u32::MAX)] {
            let difference = hash(32, &[inode, 45, 7, 0]) ^ hash(24, &[45, 7, 0]);
            assert!(is_reachable(difference ^ LENGTHS), "{inode}");
        }
        let reached = (0..10_000_u32).filter(|n| is_reachable(n.wrapping_mul(0x9e37_79b9)));
        let reached = reached.count();
        assert!(reached < 50, "{reached} of 10,000");
    }
}
