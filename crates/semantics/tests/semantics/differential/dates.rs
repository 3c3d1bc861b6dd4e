//! Dates in three formats (RFC 9110 §5.6.7).
//!
//! The model writes, and never reads: text is a date when it is how some second is written. Its
//! calendar is that of the crate `jiff`.

use std::ops::Range;

use etag_lab_semantics::{HttpDate, InvalidHttpDate};
use jiff::SignedDuration;
use jiff::civil::DateTime;
use proptest::prelude::*;
use proptest::sample::select;

use super::cases::config;
use super::lines::{Text, trimmed};
use super::near::near;

const IMF_FIXDATE: &str = "%a, %d %b %Y %H:%M:%S GMT";
const RFC_850: &str = "%A, %d-%b-%y %H:%M:%S GMT";
const ASCTIME: &str = "%a %b %e %H:%M:%S %Y";
/// `asctime-date` has a space or a zero before a day of one digit.
const ASCTIME_ZERO: &str = "%a %b %d %H:%M:%S %Y";

/// Every way to write a second.
pub(crate) const FORMATS: [&str; 4] = [IMF_FIXDATE, RFC_850, ASCTIME, ASCTIME_ZERO];

/// The years 0 to 9999.
const CALENDAR: Range<i64> = -62_167_219_200..253_402_300_800;

/// Fifty years, which the calendar has in several lengths.
pub(crate) const FIFTY_YEARS_S: i64 = 50 * 31_556_952;

/// Seconds since 1970, negative before; `None` for what is no date.
pub(crate) fn date(text: &[u8], now: i64) -> Option<i64> {
    let text = str::from_utf8(trimmed(text)).ok()?;
    // A leap second is the second after it.
    if let Some((before, after)) = text.split_once("23:59:60") {
        return plain_date(&format!("{before}23:59:59{after}"), now).map(|seconds| seconds + 1);
    }
    plain_date(text, now)
}

fn plain_date(text: &str, now: i64) -> Option<i64> {
    let is_written = |(seconds, format): &(i64, &str)| written(*seconds, format) == text;
    candidates(text, now).into_iter().find(is_written).map(|(seconds, _)| seconds)
}

/// Every second that `text` could mean, by the numbers in it, and the format it might be in.
fn candidates(text: &str, now: i64) -> Vec<(i64, &'static str)> {
    let numbers: Vec<i16> = text
        .split(|character: char| !character.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"];
    let months = months.into_iter().chain(["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]);
    let month = (1_i8..).zip(months).find(|(_, name)| text.contains(name));
    let Some((month, _)) = month else { return Vec::new() };
    let Ok::<[_; 5], _>(numbers) = numbers.try_into() else { return Vec::new() };
    let [day, second, third, fourth, last] = numbers;
    let (middle, last_three) = ([second, third, fourth], [third, fourth, last]);
    let at = |year: i16, day: i16, time: [i16; 3]| {
        let [hour, minute, second] = time.map(|number| i8::try_from(number).ok());
        let first = DateTime::new(year, month, 1, hour?, minute?, second?, 0).ok()?;
        Some(seconds_of(first) + i64::from(day - 1) * 86_400)
    };
    // The latest year with these two digits that is not more than fifty years ahead.
    let centuries = [2_100, 2_000, 1_900].into_iter().filter(|_| (0..100).contains(&second));
    let two_digits = centuries
        .filter_map(|century| at(century + second, day, last_three))
        .find(|seconds| *seconds <= now + FIFTY_YEARS_S);
    let in_order = at(second, day, last_three).map(|seconds| (seconds, IMF_FIXDATE));
    let year_last = at(last, day, middle);
    let year_last_zero = year_last.map(|seconds| (seconds, ASCTIME_ZERO));
    let year_last = year_last.map(|seconds| (seconds, ASCTIME));
    let short = two_digits.map(|seconds| (seconds, RFC_850));
    let is_written_somehow = |(seconds, _): &(i64, &str)| CALENDAR.contains(seconds);
    [in_order, year_last, year_last_zero, short]
        .into_iter()
        .flatten()
        .filter(is_written_somehow)
        .collect()
}

const EPOCH: DateTime = DateTime::constant(1_970, 1, 1, 0, 0, 0, 0);

fn seconds_of(civil: DateTime) -> i64 {
    civil.duration_since(EPOCH).as_secs()
}

fn civil(seconds: i64) -> DateTime {
    EPOCH + SignedDuration::from_secs(seconds)
}

/// A second in one of the formats.
pub(crate) fn written(seconds: i64, format: &str) -> String {
    civil(seconds).strftime(format).to_string()
}

/// Mostly of this and the last century.
fn seconds() -> impl Strategy<Value = i64> {
    prop_oneof![
        5 => -2_208_988_800_i64..4_102_444_800,
        2 => CALENDAR,
        // Around the ends of years, where leap seconds are, and those of February.
        1 => (year(), -2_i64..2).prop_map(|(year, by)| {
            seconds_of(DateTime::constant(year, 1, 1, 0, 0, 0, 0)) + by
        }),
        3 => (year(), -86_402_i64..86_400).prop_map(|(year, by)| {
            seconds_of(DateTime::constant(year, 3, 1, 0, 0, 0, 0)) + by
        }),
    ]
}

fn year() -> impl Strategy<Value = i16> {
    prop_oneof![1_900_i16..2_100, (1_i16..99).prop_map(|century| 100 * century)]
}

/// Nearly a date.
pub(crate) fn text() -> impl Strategy<Value = Text> {
    let valid = (seconds(), select(&FORMATS[..]), select(&SLIPS[..])).prop_map(
        |(seconds, format, slips)| {
            let slip = |text: String, (right, wrong): &(&str, &str)| text.replace(right, wrong);
            slips.iter().fold(written(seconds, format), slip).into()
        },
    );
    near(valid, b"0123456789 ::,,--GMTSunFebJa\t")
}

/// Mistakes in valid dates that happen in more than one place, or hardly ever by chance.
const SLIPS: [&[(&str, &str)]; 4] = [
    &[],
    &[(":59", ":60")],
    &[("01 Mar", "29 Feb"), ("01-Mar", "29-Feb"), ("Mar  1", "Feb 29"), ("Mar 01", "Feb 29")],
    &[("00:00:", "24:00:")],
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_date_is_what_the_model_writes(text in text(), now in 1_500_000_000_i64..2_400_000_000) {
        let clock = HttpDate::from_unix_seconds(now.cast_unsigned()).expect("it is before 9999");
        let expected = match date(&text, now) {
            None => Err(InvalidHttpDate::Malformed),
            Some(seconds) => u64::try_from(seconds)
                .map_err(|_| InvalidHttpDate::OutOfRange)
                .and_then(HttpDate::from_unix_seconds),
        };
        prop_assert_eq!(HttpDate::parse_at(&text, clock), expected);
    }
}
