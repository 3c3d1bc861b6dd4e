//! A tag as numbers between separators, and what each number can be.
//! Knows no product: see `form`.

use super::{Facts, Specimen};

/// 2000-01-01 and 2100-01-01 in seconds: a time in a tag lies between them.
const PLAUSIBLE_SECONDS: std::ops::Range<f64> = 946_684_800.0..4_102_444_800.0;
/// Seconds between 1601, where Windows begins to count, and 1970.
const WINDOWS_EPOCH: f64 = 11_644_473_600.0;
/// Above this a number is told as random and not as counted. A line drawn: what counts stays below it,
/// and of random numbers of 64 bits one in 2^18 does. An inode may lie above, and is still told by
/// where it stands.
const LARGEST_PLAIN: u128 = 1 << 46;

/// Meaning of a number in a tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Meaning {
    /// The number of bytes of the content.
    Size,
    /// A time, in seconds since 1970, written in this unit.
    Time { seconds: f64, unit: Unit },
    /// A number of moderate size: inode, counter, checksum.
    Plain(u128),
    /// A number too large for any of that.
    Large,
}

/// The unit in which a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Millis,
    Micros,
    Nanos,
    /// 100 ns since 1601.
    FileTime,
}

/// A tag made of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Parts<'a> {
    /// The numbers as written.
    pub(crate) texts: Vec<&'a str>,
    pub(crate) meanings: Vec<Meaning>,
    /// The characters between them.
    pub(crate) separators: String,
    /// 16 when any of them is hexadecimal, else 10.
    pub(crate) radix: u32,
}

impl<'a> Parts<'a> {
    /// Takes a tag of one to five numbers apart, each in the radix that explains it.
    pub(crate) fn of(specimen: &Specimen<'a>) -> Option<Self> {
        let base = specimen.base();
        let texts: Vec<_> = base.split(['-', ':', '_', '=', '/', ',', ';']).collect();
        let separators: String = base.chars().filter(|c| "-:_=/,;".contains(*c)).collect();
        if texts.len() > 5 || texts.iter().any(|text| text.is_empty()) {
            return None;
        }
        let read = |text: &&str| {
            let facts = &specimen.facts;
            let radices = [16, 10].map(|radix| Some((meaning(text, radix, facts)?, radix)));
            // Decimal wins a tie: digits alone are seldom meant as hexadecimal.
            radices.into_iter().flatten().max_by_key(|(meaning, _)| score(meaning, facts))
        };
        let read: Option<Vec<_>> = texts.iter().map(read).collect();
        let (meanings, radices): (Vec<_>, Vec<u32>) = read?.into_iter().unzip();
        let radix = radices.into_iter().max()?;
        Some(Self { texts, meanings, separators, radix })
    }

    /// Reports whether some part is the size of the content.
    pub(crate) fn has_size(&self) -> bool {
        self.meanings.contains(&Meaning::Size)
    }

    /// Reports whether some part is a time.
    pub(crate) fn has_time(&self) -> bool {
        self.meanings.iter().any(|meaning| matches!(meaning, Meaning::Time { .. }))
    }
}

/// Reports whether a time is that of `Last-Modified`, which has whole seconds.
pub(crate) fn is_modification(seconds: f64, facts: &Facts<'_>) -> bool {
    // One second more or less: some servers round a fraction up, others drop it.
    facts
        .last_modified
        .is_some_and(|date| (seconds.floor() - date.unix_seconds() as f64).abs() < 1.5)
}

fn score(meaning: &Meaning, facts: &Facts<'_>) -> u32 {
    match meaning {
        Meaning::Size => 2,
        Meaning::Time { seconds, .. } if is_modification(*seconds, facts) => 3,
        Meaning::Time { .. } => 1,
        Meaning::Plain(_) | Meaning::Large => 0,
    }
}

fn meaning(text: &str, radix: u32, facts: &Facts<'_>) -> Option<Meaning> {
    if radix == 10 && text.contains('.') {
        let seconds: f64 = text.parse().ok()?;
        return PLAUSIBLE_SECONDS
            .contains(&seconds)
            .then_some(Meaning::Time { seconds, unit: Unit::Seconds });
    }
    let text = text.strip_prefix("0x").filter(|_| radix == 16).unwrap_or(text);
    if !text.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let Ok(number) = u128::from_str_radix(text, radix) else { return Some(Meaning::Large) };
    let is_size = facts.content.is_some_and(|content| u128::from(content.bytes) == number);
    Some(match time(number) {
        _ if is_size => Meaning::Size,
        Some((seconds, unit)) => Meaning::Time { seconds, unit },
        // A small number of that many digits is filled up with zeros, as hashes are printed.
        None if number > LARGEST_PLAIN || text.len() > 15 => Meaning::Large,
        None => Meaning::Plain(number),
    })
}

/// The time that a number is, if it is one; the ranges of the units do not overlap.
pub(crate) fn time(number: u128) -> Option<(f64, Unit)> {
    let number = number as f64;
    let units = [
        (1.0, 0.0, Unit::Seconds),
        (1e3, 0.0, Unit::Millis),
        (1e6, 0.0, Unit::Micros),
        (1e9, 0.0, Unit::Nanos),
        (1e7, WINDOWS_EPOCH, Unit::FileTime),
    ];
    units.into_iter().find_map(|(per_second, epoch, unit)| {
        let seconds = number / per_second - epoch;
        PLAUSIBLE_SECONDS.contains(&seconds).then_some((seconds, unit))
    })
}
