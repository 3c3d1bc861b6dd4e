//! Moments as tags write them: counted in seconds or finer units, in decimal, hexadecimal or base 36,
//! or written as a date. Knows no product.

use semantics::HttpDate;

use super::Facts;

/// 2000-01-01 and 2100-01-01 in seconds: a time in a tag lies between them, unless `Last-Modified`
/// says otherwise.
const PLAUSIBLE_SECONDS: std::ops::Range<f64> = 946_684_800.0..4_102_444_800.0;
const DAY: f64 = 86_400.0;
/// Seconds between 1601, where Windows begins to count, and 1970.
const WINDOWS_EPOCH: f64 = 11_644_473_600.0;
/// Seconds between year 1, where .NET begins to count, and 1970.
const DOTNET_EPOCH: f64 = 62_135_596_800.0;

/// The unit in which a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Millis,
    Micros,
    Nanos,
    /// 100 ns since 1601.
    FileTime,
    /// 100 ns since year 1.
    Ticks,
    /// Year, month, day and the time of the day.
    Calendar,
}

/// The time that a number is, if it is one; the ranges of the units do not overlap.
pub(crate) fn time(number: u128, facts: &Facts<'_>) -> Option<(f64, Unit)> {
    let units = [
        (1.0, 0.0, Unit::Seconds),
        (1e3, 0.0, Unit::Millis),
        (1e6, 0.0, Unit::Micros),
        (1e9, 0.0, Unit::Nanos),
        (1e7, WINDOWS_EPOCH, Unit::FileTime),
        (1e7, DOTNET_EPOCH, Unit::Ticks),
    ];
    let of_unit =
        |(per_second, epoch, unit): (f64, f64, Unit)| (number as f64 / per_second - epoch, unit);
    let times = units.map(of_unit);
    let known = times.iter().find(|(seconds, _)| is_modification(*seconds, facts));
    let plausible = || times.iter().find(|(seconds, _)| is_plausible(*seconds, facts));
    known.or_else(plausible).copied()
}

/// Reports whether a time may stand in a tag: none does that lies a day or more after the response.
fn is_plausible(seconds: f64, facts: &Facts<'_>) -> bool {
    let latest = facts.date.map_or(PLAUSIBLE_SECONDS.end, |date| date.unix_seconds() as f64 + DAY);
    PLAUSIBLE_SECONDS.contains(&seconds) && seconds < latest
}

/// Reports whether a time is that of `Last-Modified`, which has whole seconds.
pub(crate) fn is_modification(seconds: f64, facts: &Facts<'_>) -> bool {
    facts.last_modified.map(HttpDate::unix_seconds).is_some_and(|date| {
        if PLAUSIBLE_SECONDS.contains(&(date as f64)) {
            // One second more or less: some servers round a fraction up, others drop it.
            (seconds.floor() - date as f64).abs() < 1.5
        } else {
            // Near 1970 many a small number would be that date, in nanoseconds.
            (seconds - date as f64).abs() < f64::EPSILON
        }
    })
}

/// Reports whether a date by the calendar is `Last-Modified` in some time zone.
pub(crate) fn is_local_modification(seconds: f64, facts: &Facts<'_>) -> bool {
    const QUARTER: f64 = 900.0;
    const FARTHEST: f64 = 14.0 * 3_600.0;
    facts.last_modified.map(HttpDate::unix_seconds).is_some_and(|date| {
        let apart = (seconds.floor() - date as f64).abs();
        apart <= FARTHEST && apart % QUARTER < 0.5
    })
}

/// The date of a field, also where it names its zone otherwise than an HTTP date does: `-0000`, `+0200`, `UTC`.
pub(crate) fn field_date(value: &[u8]) -> Option<HttpDate> {
    HttpDate::parse(value).ok().or_else(|| {
        let (date, zone) = str::from_utf8(value).ok()?.rsplit_once(' ')?;
        let seconds = HttpDate::parse(format!("{date} GMT").as_bytes()).ok()?.unix_seconds();
        let seconds = seconds.checked_add_signed(-offset(zone)?)?;
        HttpDate::from_unix_seconds(seconds).ok()
    })
}

/// Seconds by which a zone is ahead.
fn offset(zone: &str) -> Option<i64> {
    if ["UTC", "UT", "Z"].contains(&zone) {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits = zone.strip_prefix(['+', '-']).filter(|it| it.len() == 4)?;
    let number: i64 = digits.parse().ok().filter(|it| (0..1_400).contains(it))?;
    Some(sign * (number / 100 * 3_600 + number % 100 * 60))
}

/// A date at the beginning of a text: its length in bytes, and the seconds since 1970.
pub(super) fn date_at(text: &str) -> Option<(usize, f64)> {
    iso(text).or_else(|| http(text)).or_else(|| javascript(text))
}

/// `2026-01-01T12:00:00.000Z`, `2026-01-01 12:00:00`, `20260101T120000Z`, `20260101120000`.
fn iso(text: &str) -> Option<(usize, f64)> {
    let mut digits = Vec::new();
    let mut end = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' if digits.len() < 14 => digits.push(u64::from(byte - b'0')),
            b'-' | b':' if matches!(digits.len(), 4 | 6 | 10 | 12) => {}
            b'-' | b'T' | b'_' | b' ' | b't' if digits.len() == 8 => {}
            _ => break,
        }
        end = at + 1;
        if digits.len() == 14 {
            break;
        }
    }
    let number = |range: std::ops::Range<usize>| {
        digits.get(range).map(|digits| digits.iter().fold(0, |all, digit| all * 10 + digit))
    };
    let seconds = of_calendar(
        (number(0..4)?, number(4..6)?, number(6..8)?),
        (number(8..10)?, number(10..12)?, number(12..14)?),
    )?;
    let (length, fraction) = fraction(&text[end..]);
    end += length;
    // Further digits make another number of it.
    let zone = text[end..].strip_prefix(['Z', 'z']).map_or(0, |_| 1);
    let over = !text[end + zone..].starts_with(|c: char| c.is_ascii_alphanumeric());
    over.then_some((end + zone, seconds + fraction))
}

/// A fraction of a second behind a point, or three digits without one.
fn fraction(text: &str) -> (usize, f64) {
    let point = usize::from(text.starts_with(['.', ',']));
    let digits = text[point..].bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || (point == 0 && digits != 3) {
        return (0, 0.0);
    }
    let value = format!("0.{}", &text[point..point + digits]).parse().unwrap_or(0.0);
    (point + digits, value)
}

/// `Mon, 06 Oct 2014 20:33:45 GMT`.
fn http(text: &str) -> Option<(usize, f64)> {
    const LENGTH: usize = 29;
    let date = HttpDate::parse(text.get(..LENGTH)?.as_bytes()).ok()?;
    Some((LENGTH, date.unix_seconds() as f64))
}

/// `Mon Oct 06 2014 20:33:45 GMT+0000 (Coordinated Universal Time)`, to the end of the text.
fn javascript(text: &str) -> Option<(usize, f64)> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let words: Vec<_> = text.get(..24)?.split(' ').collect();
    let [weekday, month, day, year, time] = words.as_slice() else { return None };
    (weekday.len() == 3 && month.len() == 3).then_some(())?;
    let month = MONTHS.find(month).filter(|at| at % 3 == 0)? as u64 / 3 + 1;
    let time: Vec<u64> = time.split(':').map_while(|part| part.parse().ok()).collect();
    let [hour, minute, second] = time.as_slice() else { return None };
    let date = (year.parse().ok()?, month, day.parse().ok()?);
    Some((text.len(), of_calendar(date, (*hour, *minute, *second))?))
}

/// Seconds since 1970 of a date between 1970 and 2100; `None` where there is no such date.
fn of_calendar(date: (u64, u64, u64), time: (u64, u64, u64)) -> Option<f64> {
    let ((year, month, day), (hour, minute, second)) = (date, time);
    let real = (1970..2100).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61;
    real.then(|| {
        // The year begins with March, so that the day that comes every four years is its last.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let days = year * 365 + year / 4 - year / 100 + year / 400;
        let days = days + (month * 153 + 2) / 5 + day - 1 - 719_468;
        (days * 86_400 + hour * 3_600 + minute * 60 + second) as f64
    })
}

/// `2026-11-30 09:01:02`, in UTC.
pub(super) fn written(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year + u64::from(month < 3);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_forms_of_the_world() {
        for (text, length, seconds) in [
            ("2014-10-06T20:33:45.000Z", 24, 1_412_627_625.0),
            ("2014-10-06T20:33:45", 19, 1_412_627_625.0),
            ("2014-10-06 20:33:45-612", 19, 1_412_627_625.0),
            ("20141006203345", 14, 1_412_627_625.0),
            ("20141006T203345Z", 16, 1_412_627_625.0),
            ("20141006203345250", 17, 1_412_627_625.25),
            ("Mon, 06 Oct 2014 20:33:45 GMT", 29, 1_412_627_625.0),
            ("Mon Oct 06 2014 20:33:45 GMT+0000 (UTC)", 39, 1_412_627_625.0),
        ] {
            assert_eq!(date_at(text), Some((length, seconds)), "{text}");
        }
        for text in ["20149906203345", "2014-10-06", "201410062033451", "2014-10-06T20:33", "x"] {
            assert_eq!(date_at(text), None, "{text}");
        }
    }

    #[test]
    fn dates_of_fields_may_name_another_zone() {
        let noon = |zone: &str| {
            let date = format!("Thu, 01 Jan 2026 12:00:00 {zone}");
            Some(field_date(date.as_bytes())?.unix_seconds())
        };
        let utc = noon("GMT").expect("a date");
        for (zone, seconds) in [("-0000", 0), ("+0000", 0), ("UTC", 0), ("+0200", 7_200)] {
            assert_eq!(noon(zone), Some(utc - seconds), "{zone}");
        }
        assert_eq!(noon("-0130"), Some(utc + 5_400));
        for wrong in ["CEST", "+2", "0200", "+02:00", ""] {
            assert_eq!(noon(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_are_written_as_they_are_read() {
        for seconds in [0.0, 951_782_400.0, 951_868_800.0, 1_412_627_625.0, 4_102_444_799.0] {
            let text = written(seconds);
            assert_eq!(date_at(&text), Some((19, seconds)), "{text}");
        }
        assert_eq!(written(1_412_627_625.9), "2014-10-06 20:33:45");
    }

    #[test]
    fn units_do_not_overlap() {
        let none = Facts::default();
        for (number, unit) in [
            (1_700_000_000, Unit::Seconds),
            (1_700_000_000_000, Unit::Millis),
            (1_700_000_000_000_000, Unit::Micros),
            (1_700_000_000_000_000_000, Unit::Nanos),
            (133_444_736_000_000_000, Unit::FileTime),
            (638_355_968_000_000_000, Unit::Ticks),
        ] {
            assert_eq!(time(number, &none), Some((1_700_000_000.0, unit)), "{number}");
        }
        assert_eq!(time(1, &none), None);
    }

    #[test]
    fn near_1970_only_the_very_date_counts() {
        let facts =
            Facts { last_modified: HttpDate::from_unix_seconds(1).ok(), ..Facts::default() };
        assert_eq!(time(1, &facts), Some((1.0, Unit::Seconds)));
        assert_eq!(time(1_000_000_000, &facts), Some((1.0, Unit::Nanos)));
        assert_eq!(time(181_153, &facts), None, "an inode");
    }
}
