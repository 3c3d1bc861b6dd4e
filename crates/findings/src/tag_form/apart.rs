//! Takes a tag apart: between separators, and what each part can be. Knows no product: see `form`.
//!
//! A part is held against the size, against `Last-Modified` in every unit and notation, and against
//! dates as people write them, so that forms which nobody listed are read as well.

use super::moment::{Unit, date_at, is_modification, time};
use super::parts::{Meaning, Parts, agrees};
use super::products::special;
use super::{Facts, Specimen};

/// Above this a number is told as random and not as counted. A line drawn: what counts stays below it,
/// and of random numbers of 64 bits one in 2^18 does. An inode may lie above, and is still told by
/// where it stands.
const LARGEST_PLAIN: u128 = 1 << 46;

impl<'a> Parts<'a> {
    /// Takes a tag of at most eight parts apart, each in the notation that explains it.
    pub(crate) fn of(specimen: &Specimen<'a>) -> Option<Self> {
        const MOST: usize = 8;
        let (base, facts) = (specimen.base(), &specimen.facts);
        if let Some(parts) = special(base, facts)
            .or_else(|| glued(base, facts))
            .or_else(|| glued_in_hex(base, facts))
        {
            return Some(parts);
        }
        let (texts, separators) = split(base);
        let texts: Vec<_> = texts.into_iter().flat_map(|text| without_name(text, facts)).collect();
        if texts.len() > MOST || texts.is_empty() {
            return None;
        }
        let mut read: Vec<_> = texts.iter().map(|text| reading(text, facts, false)).collect();
        // Beside a size a number in base 36 may be a time that `Last-Modified` does not confirm.
        if read.iter().any(|(meaning, _)| *meaning == Meaning::Size) {
            read = texts.iter().map(|text| reading(text, facts, true)).collect();
        }
        let (meanings, radices): (Vec<_>, Vec<u32>) = read.into_iter().unzip();
        let radix = radices.into_iter().max()?;
        Some(Self { texts, meanings, separators, radix })
    }
}

/// Splits at what is neither letter nor digit, but not within dates and fractions.
fn split(base: &str) -> (Vec<&str>, String) {
    let (mut texts, mut separators) = (Vec::new(), String::new());
    // A sign before a lone number is its own.
    if base.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())) {
        return (vec![base], separators);
    }
    let mut rest = base;
    while !rest.is_empty() {
        let (text, after) = rest.split_at(length_of_part(rest));
        if text.is_empty() {
            let mut characters = rest.chars();
            separators.extend(characters.next());
            rest = characters.as_str();
            continue;
        }
        texts.push(text);
        rest = after;
    }
    (texts, separators)
}

fn length_of_part(rest: &str) -> usize {
    if let Some((length, _)) = date_at(rest) {
        return length;
    }
    let bytes = rest.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_point = |at: usize| {
        // Python prints seconds with a fraction.
        bytes[at] == b'.' && at >= 9 && (0..at).all(is_digit) && is_digit(at + 1)
    };
    let mut ends = (0..bytes.len()).filter(|at| !bytes[*at].is_ascii_alphanumeric());
    ends.find(|at| !is_point(*at)).unwrap_or(bytes.len())
}

/// A name before digits by itself, as in `v41` or `rev41`; all else stays one part.
fn without_name<'a>(text: &'a str, facts: &Facts<'_>) -> Vec<&'a str> {
    let at = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = text.bytes().skip(at).all(|byte| byte.is_ascii_digit());
    let is_name = (1..=8).contains(&at) && at < text.len() && digits;
    if is_name && reading(text, facts, false).0 == Meaning::Word {
        vec![&text[..at], &text[at..]]
    } else {
        vec![text]
    }
}

/// Time and size in base 36 without a separator, as Caddy wrote them before 2.8.
fn glued<'a>(base: &'a str, facts: &Facts<'_>) -> Option<Parts<'a>> {
    let known = base.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    // The shortest ending that is the size: there are no zeros before it.
    let mut ends = (1..base.len()).rev().filter(|_| known);
    let at = ends.find(|at| is_size(u128::from_str_radix(&base[*at..], 36).ok(), facts))?;
    // Nanoseconds have twelve digits in our century: what is longer is no time.
    let number = u128::from_str_radix(&base[..at], 36).ok().filter(|_| at <= 14)?;
    let (seconds, unit) = time(number, facts)?;
    let is_it = matches!(unit, Unit::Seconds | Unit::Nanos) && !base[at..].starts_with('0');
    is_it.then(|| Parts {
        texts: vec![&base[..at], &base[at..]],
        meanings: vec![Meaning::Time { seconds, unit }, Meaning::Size],
        separators: String::new(),
        radix: 36,
    })
}

/// `Last-Modified` and size in hexadecimal without a separator, as Go's `WebDAV` writes them.
fn glued_in_hex<'a>(base: &'a str, facts: &Facts<'_>) -> Option<Parts<'a>> {
    let known = base.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = |text: &str| u128::from_str_radix(text, 16).ok();
    let mut ends = (8..base.len()).rev().filter(|at| known && !base[*at..].starts_with('0'));
    let at = ends.find(|at| is_size(number(&base[*at..]), facts))?;
    let (seconds, unit) = time(number(&base[..at])?, facts)?;
    is_modification(seconds, facts).then(|| Parts {
        texts: vec![&base[..at], &base[at..]],
        meanings: vec![Meaning::Time { seconds, unit }, Meaning::Size],
        separators: String::new(),
        radix: 16,
    })
}

/// The meaning that explains a part best, and the radix of its number.
fn reading(text: &str, facts: &Facts<'_>, sized: bool) -> (Meaning, u32) {
    if let Some((length, seconds)) = date_at(text)
        && length == text.len()
    {
        return (Meaning::Time { seconds, unit: Unit::Calendar }, 10);
    }
    let read = |radix: u32| Some((meaning(text, radix, facts)?, radix));
    let is_proven = |(meaning, _): &(Meaning, u32)| {
        let is_long = sized && text.len() >= 8;
        score(meaning, facts) >= 3 || (is_long && matches!(meaning, Meaning::Time { .. }))
    };
    // Decimal wins a tie: digits alone are seldom meant as anything else.
    let readings = [read(36).filter(is_proven), read(16), read(10)];
    let best = readings.into_iter().flatten().max_by_key(|(meaning, _)| score(meaning, facts));
    best.unwrap_or((Meaning::Word, 10))
}

fn score(meaning: &Meaning, facts: &Facts<'_>) -> u32 {
    match meaning {
        Meaning::Time { seconds, unit } if agrees(*seconds, *unit, facts) => 4,
        Meaning::Size => 3,
        Meaning::Time { .. } => 2,
        Meaning::Plain(_) | Meaning::Large | Meaning::Word => 1,
    }
}

fn meaning(text: &str, radix: u32, facts: &Facts<'_>) -> Option<Meaning> {
    if radix == 10 && text.contains('.') {
        let seconds: f64 = text.parse().ok()?;
        let (_, unit) = time(seconds as u128, facts)?;
        return (unit == Unit::Seconds).then_some(Meaning::Time { seconds, unit });
    }
    let digits = text.strip_prefix("0x").filter(|_| radix == 16).unwrap_or(text);
    let digits = digits.strip_prefix('-').filter(|_| radix == 10).unwrap_or(digits);
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let Ok(number) = u128::from_str_radix(digits, radix) else { return Some(Meaning::Large) };
    Some(match time(number, facts).or_else(|| of_mixed_in_size(number, facts)) {
        _ if is_size(Some(number), facts) => Meaning::Size,
        Some((seconds, unit)) => Meaning::Time { seconds, unit },
        // A small number of that many digits is filled up with zeros, as hashes are printed.
        None if number > LARGEST_PLAIN || digits.len() > 15 => Meaning::Large,
        None => Meaning::Plain(number),
    })
}

/// Time of a number into which the size was mixed bit by bit, as ASP.NET Core does.
fn of_mixed_in_size(number: u128, facts: &Facts<'_>) -> Option<(f64, Unit)> {
    let size = u128::from(facts.content?.bytes);
    time(number ^ size, facts).filter(|(seconds, _)| is_modification(*seconds, facts))
}

/// Reports whether a number is the length of the content, or of what travelled.
fn is_size(number: Option<u128>, facts: &Facts<'_>) -> bool {
    let sizes = [facts.content, facts.coded].into_iter().flatten();
    number.is_some_and(|number| sizes.into_iter().any(|of| u128::from(of.bytes) == number))
}
