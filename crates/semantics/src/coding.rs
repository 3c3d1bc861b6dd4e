//! Content codings, and which of them a client wants (RFC 9110 §8.4.1 and §12.5.3).
//!
//! Compresses nothing.

use crate::ows;

/// A content coding that changes the content; `identity` is the absence of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// `gzip` (RFC 1952).
    Gzip,
    /// `br` (RFC 7932).
    Br,
    /// `zstd` (RFC 8878).
    Zstd,
}

impl Coding {
    /// Every coding.
    pub const ALL: [Self; 3] = [Self::Gzip, Self::Br, Self::Zstd];

    /// The name as `Content-Encoding` says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Br => "br",
            Self::Zstd => "zstd",
        }
    }

    /// The coding with this name, in any case; `x-gzip` is `gzip` (§8.4.1.3).
    pub fn named(name: &[u8]) -> Option<Self> {
        let name = if name.eq_ignore_ascii_case(b"x-gzip") { b"gzip" } else { name };
        Self::ALL.into_iter().find(|coding| name.eq_ignore_ascii_case(coding.as_str().as_bytes()))
    }
}

/// The coding to answer with, of those on `offer`; `None` is `identity`.
///
/// `lines` are the values of all `Accept-Encoding` field lines. The highest quality wins; among
/// equals the first on offer does, and any of them before `identity`. Without the field, or when
/// nothing on offer is acceptable, the answer is `identity`: a response that a client can read
/// although it did not ask for it beats an error.
///
/// A member whose weight is malformed counts as refused, and a coding that is named several times
/// has the lowest of its qualities.
pub fn preferred<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
    offer: impl Iterator<Item = Coding>,
) -> Option<Coding> {
    let accepted = Accepted::of(lines);
    let mut best = (accepted.identity.or(accepted.others).unwrap_or(0), None);
    for coding in offer {
        let quality = accepted.named[coding as usize].or(accepted.others).unwrap_or(0);
        // Only the first of equals, except that it takes the place of `identity`.
        if quality > best.0 || (best.1.is_none() && quality == best.0) {
            best = (quality, Some(coding));
        }
    }
    if best.0 > 0 { best.1 } else { None }
}

/// Weights that the field gives to each coding, in thousandths; 0 is a refusal, and `None` where it
/// does not mention it.
#[derive(Debug, Default)]
struct Accepted {
    named: [Option<u16>; Coding::ALL.len()],
    identity: Option<u16>,
    /// The member `*`.
    others: Option<u16>,
}

impl Accepted {
    fn of<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut accepted = Self::default();
        for member in lines.flat_map(|line| line.split(|&octet| octet == b',')) {
            let (name, weight) = match member.iter().position(|&octet| octet == b';') {
                Some(at) => (&member[..at], Some(&member[at + 1..])),
                None => (member, None),
            };
            // A weight that cannot be read refuses: sending what was perhaps not wanted is worse than
            // sending more.
            let quality =
                weight.map_or(1_000, |weight| thousandths(ows::trim(weight)).unwrap_or(0));
            if let Some(place) = accepted.place(ows::trim(name)) {
                *place = Some(place.map_or(quality, |before| before.min(quality)));
            }
        }
        accepted
    }

    fn place(&mut self, name: &[u8]) -> Option<&mut Option<u16>> {
        if name == b"*" {
            Some(&mut self.others)
        } else if name.eq_ignore_ascii_case(b"identity") {
            Some(&mut self.identity)
        } else {
            Coding::named(name).map(|coding| &mut self.named[coding as usize])
        }
    }
}

/// Reads `q=0.5`, with at most three decimals (§12.4.2).
fn thousandths(weight: &[u8]) -> Option<u16> {
    let (b'q' | b'Q', value) = weight.split_first()? else { return None };
    let (whole, decimals) = match value.strip_prefix(b"=")? {
        [whole] => (whole, &[][..]),
        [whole, b'.', decimals @ ..] => (whole, decimals),
        _ => return None,
    };
    if decimals.len() > 3 || !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let fraction = [100, 10, 1].into_iter().zip(decimals);
    let fraction: u16 = fraction.map(|(place, digit)| place * u16::from(digit - b'0')).sum();
    match whole {
        b'0' => Some(fraction),
        b'1' if fraction == 0 => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Coding::{Br, Gzip, Zstd};

    fn check(lines: &[&str], expected: Option<Coding>) {
        let lines_read = lines.iter().map(|line| line.as_bytes());
        assert_eq!(preferred(lines_read, [Gzip, Br, Zstd].into_iter()), expected, "{lines:?}");
    }

    #[test]
    fn without_the_field_or_with_an_empty_one_nothing_is_coded() {
        check(&[], None);
        check(&[""], None);
        check(&[" , ,"], None);
    }

    #[test]
    fn the_highest_quality_wins_and_among_equals_the_first_on_offer() {
        check(&["gzip"], Some(Gzip));
        check(&["br, gzip"], Some(Gzip));
        check(&["gzip;q=0.5, br;q=0.8, zstd;q=0.799"], Some(Br));
        check(&["gzip;q=0.001"], Some(Gzip));
        check(&["deflate, compress, dcb, zstd"], Some(Zstd));
        check(&["gzip;q=0.2", "br;q=0.3"], Some(Br));
    }

    #[test]
    fn names_are_read_in_any_case_and_with_their_aliases() {
        check(&["GZip"], Some(Gzip));
        check(&["x-gzip"], Some(Gzip));
        check(&["X-GZIP;Q=0.5, br;q=0.4"], Some(Gzip));
        check(&["gzipped, brotli, x-br"], None);
    }

    #[test]
    fn a_quality_of_zero_is_a_refusal() {
        for zero in ["0", "0.", "0.0", "0.000"] {
            check(&[&format!("gzip;q={zero}")], None);
            check(&[&format!("gzip;q={zero}, br;q=0.1")], Some(Br));
            check(&[&format!("gzip;q={zero}, *")], Some(Br));
        }
    }

    #[test]
    fn the_star_stands_for_what_is_not_named() {
        check(&["*"], Some(Gzip));
        check(&["*;q=0"], None);
        check(&["*;q=0, br"], Some(Br));
        check(&["gzip;q=0.5, *;q=0.7"], Some(Br));
        check(&["gzip, *;q=0"], Some(Gzip));
    }

    #[test]
    fn identity_counts_when_it_is_named_and_is_what_remains_when_nothing_else_does() {
        check(&["identity"], None);
        check(&["identity, gzip;q=0.9"], None);
        check(&["identity;q=0.5, gzip;q=0.5"], Some(Gzip));
        check(&["identity;q=0.1, gzip"], Some(Gzip));
        check(&["identity;q=0, gzip"], Some(Gzip));
        check(&["identity;q=0"], None);
        check(&["identity;q=0, *;q=0"], None);
        check(&["identity;q=0, *"], Some(Gzip));
        check(&["*;q=0.5, identity"], None);
    }

    #[test]
    fn white_space_is_allowed_around_commas_and_semicolons() {
        check(&["\tgzip ;\tq=0.5 ,br ; q=0.7"], Some(Br));
    }

    #[test]
    fn a_malformed_weight_is_a_refusal() {
        for weight in [
            "", "q", "q=", "q=2", "q=1.001", "q=0.5000", "q=.5", "q=-1", "q =1", "x=1", "q=0.-1",
            "q=0. 5",
        ] {
            check(&[&format!("gzip;{weight}")], None);
            check(&[&format!("gzip;{weight}, br;q=0.1")], Some(Br));
        }
        check(&["gzip;q=0.5;q=0.9"], None);
        check(&["gzip\u{fffd}, \u{0}, br"], Some(Br));
    }

    #[test]
    fn a_coding_that_is_named_twice_has_the_lower_quality() {
        check(&["gzip;q=0, gzip"], None);
        check(&["gzip, x-gzip;q=0.1, br;q=0.2"], Some(Br));
    }

    #[test]
    fn only_what_is_on_offer_is_chosen() {
        let lines = || [b"gzip, br;q=0.5".as_slice()].into_iter();
        assert_eq!(preferred(lines(), [Zstd, Br].into_iter()), Some(Br));
        assert_eq!(preferred(lines(), [].into_iter()), None);
    }

    #[test]
    fn names_read_back() {
        for coding in Coding::ALL {
            assert_eq!(Coding::named(coding.as_str().as_bytes()), Some(coding));
        }
        assert_eq!(Coding::named(b"identity"), None);
    }
}
