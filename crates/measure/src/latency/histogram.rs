//! Histograms in text: `HdrHistogram` V2, deflated, in base64, as the tools of that format read them.
//!
//! Bounds and precision are fixed, so that any two can be added. A text may come from any file: what is
//! too large or of other bounds is refused before anything is made of it.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2DeflateSerializer};

use super::{CEILING_US, SIGNIFICANT_DIGITS};

/// Cookie and length before the deflated bytes.
const ENVELOPE: usize = 8;
/// Cookie, length of the counts, offset, digits, both bounds and a ratio.
const HEAD: usize = 40;
/// Most bytes of an inflated histogram: each of its 28 thousand counts takes nine at most.
const LARGEST: u64 = 512 * 1024;

/// Reason why a text is no histogram that can be added to ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadableHistogram {
    /// Not base64 of a deflated `HdrHistogram`, or a damaged one.
    Damaged,
    /// A sound one, of other bounds or another precision.
    Bounds,
}

impl std::fmt::Display for UnreadableHistogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Damaged => "is damaged",
            Self::Bounds => "has other bounds or another precision",
        })
    }
}

/// The histogram in text.
pub(super) fn encoded(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    let written = V2DeflateSerializer::new().serialize(histogram, &mut bytes);
    written.expect("a histogram within its bounds can be written to memory");
    STANDARD.encode(bytes)
}

/// Reads a histogram that `encoded` wrote.
pub(super) fn decoded(text: &str) -> Result<Histogram<u64>, UnreadableHistogram> {
    use UnreadableHistogram::{Bounds, Damaged};
    let bytes = STANDARD.decode(text).map_err(|_| Damaged)?;
    let mut plain = Vec::new();
    let deflated = bytes.get(ENVELOPE..).ok_or(Damaged)?;
    let inflated = ZlibDecoder::new(deflated).take(LARGEST).read_to_end(&mut plain);
    inflated.map_err(|_| Damaged)?;
    let head = plain.get(..HEAD).ok_or(Damaged)?;
    let four = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().expect("four bytes"));
    let eight = |at: usize| u64::from_be_bytes(head[at..at + 8].try_into().expect("eight bytes"));
    // The library makes room for what the head promises.
    if four(4) as usize != plain.len() - HEAD {
        return Err(Damaged);
    }
    if (four(12), eight(16), eight(24)) != (SIGNIFICANT_DIGITS.into(), 1, CEILING_US) {
        return Err(Bounds);
    }
    Deserializer::new().deserialize(&mut plain.as_slice()).map_err(|_| Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(values: impl IntoIterator<Item = u64>) -> Histogram<u64> {
        let mut histogram =
            Histogram::new_with_bounds(1, CEILING_US, SIGNIFICANT_DIGITS).expect("constant bounds");
        values.into_iter().for_each(|value| histogram.saturating_record(value));
        histogram
    }

    #[test]
    fn a_histogram_reads_back_bucket_by_bucket_and_is_small() {
        for values in [vec![], vec![1], vec![1, 1, 7, CEILING_US], (1..100_000).collect()] {
            let written = histogram(values);
            let text = encoded(&written);
            assert_eq!(decoded(&text), Ok(written));
            assert!(text.len() < 8 * 1024, "{}", text.len());
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let other = Histogram::<u64>::new_with_bounds(1, 1_000, 2).expect("bounds");
        assert_eq!(decoded(&encoded(&other)), Err(UnreadableHistogram::Bounds));
        let good = encoded(&histogram(1..500));
        for bad in ["", "HISTFAAA", "no base64!", &good[..good.len() / 2], &good[4..]] {
            assert_eq!(decoded(bad), Err(UnreadableHistogram::Damaged), "{bad}");
        }
    }

    #[test]
    fn a_length_that_is_not_true_makes_no_room() {
        let mut plain = Vec::new();
        hdrhistogram::serialization::V2Serializer::new()
            .serialize(&histogram([5]), &mut plain)
            .expect("memory takes it");
        plain[4..8].copy_from_slice(&u32::MAX.to_be_bytes());
        let mut deflated = vec![0; ENVELOPE];
        let mut encoder =
            flate2::write::ZlibEncoder::new(&mut deflated, flate2::Compression::default());
        std::io::Write::write_all(&mut encoder, &plain).expect("memory takes it");
        encoder.finish().expect("memory takes it");
        assert_eq!(decoded(&STANDARD.encode(deflated)), Err(UnreadableHistogram::Damaged));
    }
}
