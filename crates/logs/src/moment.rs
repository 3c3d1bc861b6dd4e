//! Moments as access logs write them: seconds since 1970 in UTC.
//!
//! Neighbouring lines mostly have the same second, so that the last moment is kept with its text.

use jiff::civil::Date;

use crate::scan::Prefix;

/// A moment in UTC, to the second.
pub(crate) fn utc(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

/// Reads moments, and remembers the last one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    text: Prefix,
    seconds: i64,
}

impl Clock {
    /// Seconds of a moment; `None` where it is none.
    pub(crate) fn read(&mut self, text: &[u8]) -> Option<i64> {
        let is_last = self.text.text().len() == text.len() && self.text.begins(text);
        if !is_last || text.is_empty() {
            self.seconds = seconds(text)?;
            self.text = Prefix::of(text);
        }
        Some(self.seconds)
    }

    /// Seconds of a day and a time of that day.
    pub(crate) fn read_parts(&mut self, day: &[u8], clock: &[u8]) -> Option<i64> {
        Some(self.read(day)? + of_day(clock)?)
    }
}

fn seconds(text: &[u8]) -> Option<i64> {
    match text {
        // 10/Oct/2000:13:55:36 -0700, or without a zone.
        [_, _, b'/', ..] => common(text),
        // 2026-11-30T12:37:20.5+01:00, with a space for the T, or the day alone.
        [_, _, _, _, b'-', ..] => iso(text),
        [b'0'..=b'9', ..] => number(text),
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<i64> {
    let is_number = !text.is_empty() && text.len() < 19 && text.iter().all(u8::is_ascii_digit);
    is_number.then(|| text.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

fn common(text: &[u8]) -> Option<i64> {
    const MONTHS: [&[u8]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let name = text.get(3..6)?;
    let (_, month) = MONTHS.iter().zip(1..).find(|(month, _)| **month == name)?;
    let day = days(digits(text.get(7..11)?)?, month, digits(text.get(..2)?)?)?;
    let rest = text.get(12..)?;
    Some(day * 86_400 + of_day(rest)? - zone(after_clock(rest))?)
}

fn iso(text: &[u8]) -> Option<i64> {
    let part = |range: std::ops::Range<usize>| digits(text.get(range)?);
    let day = days(part(0..4)?, part(5..7)?, part(8..10)?)?;
    let Some(rest) = text.get(11..) else { return Some(day * 86_400) };
    Some(day * 86_400 + of_day(rest)? - zone(after_clock(rest))?)
}

/// Seconds since 1970, or thousands, millions or billions of that.
fn number(text: &[u8]) -> Option<i64> {
    let whole = text.split(|byte| *byte == b'.').next()?;
    let number = digits(whole)?;
    // No log is older than the year 1973 or younger than 5138.
    Some(match number {
        0..100_000_000_000 => number,
        100_000_000_000..100_000_000_000_000 => number / 1_000,
        100_000_000_000_000..100_000_000_000_000_000 => number / 1_000_000,
        _ => number / 1_000_000_000,
    })
}

fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let small = |number: i64| i8::try_from(number).ok();
    let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    Some(i64::from(date.since(Date::new(1970, 1, 1).ok()?).ok()?.get_days()))
}

/// Seconds of `13:55:36`.
fn of_day(text: &[u8]) -> Option<i64> {
    if text.get(2) != Some(&b':') || text.get(5) != Some(&b':') {
        return None;
    }
    let two = |at: usize| digits(text.get(at..at + 2)?);
    Some(two(0)? * 3_600 + two(3)? * 60 + two(6)?)
}

/// The text behind seconds and their fraction.
fn after_clock(text: &[u8]) -> &[u8] {
    let rest = &text[8.min(text.len())..];
    let fraction = rest.iter().take_while(|byte| byte.is_ascii_digit() || b".,".contains(byte));
    let rest = &rest[fraction.count()..];
    rest.strip_prefix(b" ").unwrap_or(rest)
}

/// Seconds that a zone is ahead of UTC; a log without a zone counts in UTC.
fn zone(text: &[u8]) -> Option<i64> {
    let (sign, rest) = match text {
        [] | [b'Z' | b'z', ..] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let ([_, _, b':', minutes @ ..] | [_, _, minutes @ ..]) = rest else { return None };
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes)? };
    Some(sign * (digits(&rest[..2])? * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_every_notation_of_the_products() {
        for (text, expected) in [
            ("10/Oct/2000:13:55:36 -0700", Some(971_211_336)),
            ("06/Feb/2009:12:14:14.655", Some(1_233_922_454)),
            ("2026-11-30T12:37:20Z", Some(1_796_042_240)),
            ("2026-11-30T12:37:20.123456Z", Some(1_796_042_240)),
            ("2026-11-30T13:37:20+01:00", Some(1_796_042_240)),
            ("2026-11-30T13:37:20+0100", Some(1_796_042_240)),
            ("2026-11-30 12:37:20", Some(1_796_042_240)),
            ("2026-11-30", Some(1_795_996_800)),
            ("1796042240", Some(1_796_042_240)),
            ("1796042240.557", Some(1_796_042_240)),
            ("1796042240557", Some(1_796_042_240)),
            ("1796042240557000", Some(1_796_042_240)),
            // The second before and after the end of summer time.
            ("25/Oct/2026:02:59:59 +0200", Some(1_792_889_999)),
            ("25/Oct/2026:02:00:00 +0100", Some(1_792_890_000)),
            ("", None),
            ("yesterday", None),
            ("32/Oct/2000:13:55:36 -0700", None),
            ("10/Oct/2000:13:55", None),
        ] {
            assert_eq!(Clock::default().read(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_day_and_its_clock_are_added() {
        let seconds = Clock::default().read_parts(b"2026-11-30", b"12:37:20");
        assert_eq!(seconds, Some(1_796_042_240));
    }
}
