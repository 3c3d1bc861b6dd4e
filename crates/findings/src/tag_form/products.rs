//! Tags whose parts are not written side by side: bytes in base64, or mixed with one another.
//! Takes such a tag for a product's only where what it decodes to makes sense.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::Facts;
use super::moment::{Unit, is_modification, time};
use super::parts::{Meaning, Parts};

/// The parts of such a tag.
pub(super) fn special<'a>(base: &'a str, facts: &Facts<'_>) -> Option<Parts<'a>> {
    jetty(base, facts).or_else(|| cloud_storage(base, facts)).or_else(|| iis(base, facts))
}

/// Separator of the parts of a tag of Jetty, by which its form is known.
pub(super) const JETTY: &str = "⊕";
/// The same for Google Cloud Storage.
pub(super) const CLOUD_STORAGE: &str = "∥";

/// Milliseconds and size, each mixed with one hash of the path and written in base64.
fn jetty<'a>(base: &'a str, facts: &Facts<'_>) -> Option<Parts<'a>> {
    let number = |text: &str| {
        let bytes = STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
        bytes.try_into().ok().map(u64::from_be_bytes)
    };
    let half = base.len() / 2;
    let halves = matches!(base.len(), 22 | 24).then(|| base.split_at_checked(half))??;
    // The hash falls out when both are mixed.
    let millis = number(halves.0)? ^ number(halves.1)? ^ facts.content?.bytes;
    let (seconds, unit) = time(u128::from(millis), facts)?;
    let confirmed = facts.last_modified.is_none() || is_modification(seconds, facts);
    (unit == Unit::Millis && confirmed).then(|| Parts {
        texts: vec!["", ""],
        meanings: vec![Meaning::Time { seconds, unit }, Meaning::Size],
        separators: JETTY.to_owned(),
        radix: 10,
    })
}

/// Generation, which is a time in microseconds, and metageneration, as a protocol buffer in base64.
fn cloud_storage<'a>(base: &'a str, facts: &Facts<'_>) -> Option<Parts<'a>> {
    let bytes = STANDARD.decode(base).ok()?;
    let (generation, rest) = varint(bytes.strip_prefix(&[0x08])?)?;
    let (metageneration, rest) = varint(rest.strip_prefix(&[0x10])?)?;
    let (seconds, unit) = time(u128::from(generation), facts)?;
    (rest.is_empty() && unit == Unit::Micros).then(|| Parts {
        texts: vec!["", ""],
        meanings: vec![Meaning::Time { seconds, unit }, Meaning::Plain(metageneration.into())],
        separators: CLOUD_STORAGE.to_owned(),
        radix: 10,
    })
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let end = bytes.iter().take(9).position(|byte| byte & 0x80 == 0)?;
    let (number, rest) = bytes.split_at(end + 1);
    let value = number.iter().rev().fold(0, |all, byte| all << 7 | u64::from(byte & 0x7f));
    Some((value, rest))
}

/// A FILETIME whose bytes are written from the lowest to the highest, without zeros before them, and
/// the change number.
fn iis<'a>(base: &'a str, facts: &Facts<'_>) -> Option<Parts<'a>> {
    let (stamp, change) = base.split_once(':')?;
    let number = u128::from_str_radix(change, 16).ok()?;
    let is_hex = stamp.bytes().all(|byte| byte.is_ascii_hexdigit());
    let times = (is_hex && (9..=15).contains(&stamp.len())).then(|| stamps(stamp, 8))?;
    let times = times.into_iter().filter_map(|stamp| time(u128::from(stamp), facts));
    let mut times = times.filter(|(_, unit)| *unit == Unit::FileTime);
    let (seconds, unit) = match facts.last_modified {
        Some(_) => times.find(|(seconds, _)| is_modification(*seconds, facts))?,
        None => times.next()?,
    };
    Some(Parts {
        texts: vec![stamp, change],
        meanings: vec![Meaning::Time { seconds, unit }, Meaning::Plain(number)],
        separators: ":".to_owned(),
        radix: 16,
    })
}

/// The numbers of so many bytes that a text may be, the lowest byte first, each of one digit or two.
fn stamps(text: &str, bytes: u32) -> Vec<u64> {
    if text.is_empty() || bytes == 0 {
        return if text.is_empty() && bytes == 0 { vec![0] } else { Vec::new() };
    }
    let lengths = (1..=text.len().min(2)).filter(|length| *length == 1 || !text.starts_with('0'));
    let of_length = |length: usize| {
        let byte = u64::from_str_radix(&text[..length], 16).unwrap_or(0);
        stamps(&text[length..], bytes - 1).into_iter().map(move |rest| rest << 8 | byte)
    };
    lengths.flat_map(of_length).collect()
}

#[cfg(test)]
mod tests {
    use semantics::HttpDate;

    use super::*;
    use crate::evidence::Digests;

    fn check(base: &str, modified: u64, expected: Option<(f64, Unit)>) {
        let content = Some(Digests::of(&[b'x'; 612]));
        let last_modified = HttpDate::from_unix_seconds(modified).ok();
        let facts = Facts { content, last_modified, ..Facts::default() };
        let found = special(base, &facts).map(|parts| parts.meanings[0]);
        let expected = expected.map(|(seconds, unit)| Meaning::Time { seconds, unit });
        assert_eq!(found, expected, "{base}");
    }

    #[test]
    fn jetty_mixes_time_and_size_with_a_hash_of_the_path() {
        let hash = 0x1234_5678_9abc_def0_u64;
        let of = |number: u64| STANDARD_NO_PAD.encode((number ^ hash).to_be_bytes());
        let tag = [of(1_600_000_000_250), of(612)].concat();
        check(&tag, 1_600_000_000, Some((1_600_000_000.25, Unit::Millis)));
        check(&tag, 1_600_000_009, None);
        check("AAAAAAAAAAAAAAAAAAAAAA", 1_600_000_000, None);
    }

    #[test]
    fn generations_of_objects_are_times() {
        // Generation 1360887697105000, metageneration 1.
        check("COjAj96Ft7UCEAE=", 1_360_887_697, Some((1_360_887_697.105, Unit::Micros)));
        check("CAE=", 1_360_887_697, None);
    }

    #[test]
    fn iis_writes_bytes_from_the_lowest() {
        let of = |number: u64| (number as f64 / 1e7 - 11_644_473_600.0, Unit::FileTime);
        let (one, two) = (of(0x01cf_3ee5_298a_da80), of(0x01d4_dca4_2a9d_8a00));
        check("80da8a29e53ecf1:0", 1_394_733_218, Some(one));
        check("80da8a29e53ecf1:0", 1_394_733_999, None);
        // Its first byte has one digit.
        check("08a9d2aa4dcd41:0", 1_552_815_074, Some(two));
    }
}
