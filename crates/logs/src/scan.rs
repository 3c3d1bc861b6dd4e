//! Places of octets in short texts, and what texts begin with.
//!
//! Fields of a log end after some ten octets: a look at sixteen of them at once, without a call and
//! without a branch for each, is faster there than a search or a comparison made for long texts.

use memchr::{memchr, memchr2};
use wide::u8x16;

/// Octets that are looked at at once.
const LANES: usize = 16;
/// Octets that are looked at in one step of a search that goes far.
const STEP: usize = 4 * LANES;
/// Octets that are looked at before the search for long texts begins.
const NEAR: usize = 4 * STEP;

/// Place of an octet.
#[inline]
pub(crate) fn position(octet: u8, text: &[u8]) -> Option<usize> {
    let wanted = u8x16::splat(octet);
    near::<false>(text, |lanes| lanes.simd_eq(wanted))
        .unwrap_or_else(|from| memchr(octet, &text[from..]).map(|at| from + at))
}

/// Place of the first of two octets.
#[inline]
pub(crate) fn position_of_either(one: u8, other: u8, text: &[u8]) -> Option<usize> {
    either::<false>(one, other, text)
}

/// The same, where the octets are mostly further than a few steps away.
#[inline]
pub(crate) fn far_position_of_either(one: u8, other: u8, text: &[u8]) -> Option<usize> {
    either::<true>(one, other, text)
}

#[inline]
fn either<const FAR: bool>(one: u8, other: u8, text: &[u8]) -> Option<usize> {
    let wanted = [u8x16::splat(one), u8x16::splat(other)];
    near::<FAR>(text, |lanes| lanes.simd_eq(wanted[0]) | lanes.simd_eq(wanted[1]))
        .unwrap_or_else(|from| memchr2(one, other, &text[from..]).map(|at| from + at))
}

/// Place of the first octet that is marked, or the place from which on it is still to be looked for.
#[inline]
fn near<const FAR: bool>(
    text: &[u8],
    marked: impl Fn(u8x16) -> u8x16,
) -> Result<Option<usize>, usize> {
    let marks = |lanes: &[u8; LANES]| u64::from(marked(u8x16::from(*lanes)).to_bitmask());
    let first = |marks: u64| (marks != 0).then_some(marks.trailing_zeros() as usize);
    let mut from = 0;
    if !FAR && let Some(lanes) = text.first_chunk() {
        if let Some(at) = first(marks(lanes)) {
            return Ok(Some(at));
        }
        from = LANES;
    }
    // A branch that depends on the length of a field is guessed wrong as often as not: one for many
    // octets is cheaper than one for a few.
    while from < NEAR {
        let Some(step) = text[from..].first_chunk::<STEP>() else { break };
        let (parts, _) = step.as_chunks::<LANES>();
        let all = (0..).zip(parts).fold(0, |all, (index, part)| all | marks(part) << (16 * index));
        if let Some(at) = first(all) {
            return Ok(Some(from + at));
        }
        from += STEP;
    }
    if text.len() - from >= STEP {
        return Err(from);
    }
    while let Some(lanes) = text[from..].first_chunk() {
        if let Some(at) = first(marks(lanes)) {
            return Ok(Some(from + at));
        }
        from += LANES;
    }
    // The last ones are looked at with some before them, which are known to have no mark.
    let last = text.last_chunk().ok_or(from)?;
    Ok(first(marks(last)).map(|at| text.len() - LANES + at))
}

/// Text that others begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prefix {
    text: Box<[u8]>,
    /// Its first sixteen octets, and ones in the place of each of them.
    head: u128,
    mask: u128,
}

impl Prefix {
    pub(crate) fn of(text: &[u8]) -> Self {
        let near = text.len().min(LANES);
        let mut head = [0; LANES];
        head[..near].copy_from_slice(&text[..near]);
        let mut mask = [0; LANES];
        mask[..near].fill(u8::MAX);
        let [head, mask] = [head, mask].map(u128::from_le_bytes);
        Self { text: text.into(), head, mask }
    }

    /// The text itself.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Reports whether a text begins with it.
    #[inline]
    pub(crate) fn begins(&self, text: &[u8]) -> bool {
        match text.first_chunk::<LANES>() {
            Some(head) => {
                (u128::from_le_bytes(*head) ^ self.head) & self.mask == 0
                    && (self.text.len() <= LANES || text.starts_with(&self.text))
            }
            None => text.starts_with(&self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_found_at_every_place_and_among_every_neighbour() {
        for length in (0..200).chain(300..340) {
            for at in 0..length {
                for (octet, other) in [(b'"', b'#'), (0, 1), (255, 0), (128, 129)] {
                    let mut text = vec![other; length];
                    text[at] = octet;
                    assert_eq!(position(octet, &text), Some(at), "{text:?}");
                    assert_eq!(position_of_either(octet, b'\\', &text), Some(at), "{text:?}");
                    assert_eq!(position_of_either(b'\\', octet, &text), Some(at), "{text:?}");
                    assert_eq!(far_position_of_either(b'\\', octet, &text), Some(at), "{text:?}");
                    text[at] = other;
                    assert_eq!(position(octet, &text), None, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn beginnings_are_compared_whatever_their_length() {
        let text: Vec<u8> = (1..=40).collect();
        for length in 0..=text.len() {
            let prefix = Prefix::of(&text[..length]);
            for end in 0..=text.len() {
                assert_eq!(prefix.begins(&text[..end]), end >= length, "{length} of {end}");
            }
            for at in 0..length {
                let mut other = text.clone();
                other[at] = 0;
                assert!(!prefix.begins(&other), "{length}: {at}");
            }
        }
    }
}
