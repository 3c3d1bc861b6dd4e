//! Dates in the fields of a message (RFC 9110 §5.6.7).
//!
//! Whole seconds only, because that is all the three formats can say. Never reads a clock.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::ows;

mod written;

/// A second between 1970-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpDate(u64);

/// Reason why some text is no HTTP date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHttpDate {
    /// None of the three formats, or a day that the calendar does not have.
    #[error("field value is not an HTTP date")]
    Malformed,
    /// Before 1970 or after 9999.
    #[error("time lies outside the years 1970 to 9999")]
    OutOfRange,
}

impl HttpDate {
    /// The last second that can be written.
    pub const MAX: Self = Self(253_402_300_799);

    /// Reads IMF-fixdate, RFC 850 or asctime; optional white space around is allowed.
    ///
    /// A weekday that contradicts the date is malformed. A leap second counts as the second after
    /// it. A date before 1970 is [`OutOfRange`](InvalidHttpDate::OutOfRange), which is earlier than
    /// all others. A two-digit year lies between 1970 and 2069, because no clock says otherwise.
    pub fn parse(field_value: &[u8]) -> Result<Self, InvalidHttpDate> {
        Self::read(field_value, None)
    }

    /// The same at a known time: a two-digit year that would lie more than fifty years after
    /// `now` is the latest past year with these digits (§5.6.7).
    pub fn parse_at(field_value: &[u8], now: Self) -> Result<Self, InvalidHttpDate> {
        Self::read(field_value, Some(now))
    }

    fn read(field_value: &[u8], now: Option<Self>) -> Result<Self, InvalidHttpDate> {
        let now = now.map(|now| now.0.cast_signed());
        let seconds = written::unix_seconds(ows::trim(field_value), now);
        let seconds = seconds.ok_or(InvalidHttpDate::Malformed)?;
        u64::try_from(seconds)
            .map_err(|_| InvalidHttpDate::OutOfRange)
            .and_then(Self::from_unix_seconds)
    }

    /// The date so many seconds after 1970-01-01T00:00:00Z.
    pub fn from_unix_seconds(seconds: u64) -> Result<Self, InvalidHttpDate> {
        if seconds > Self::MAX.0 { Err(InvalidHttpDate::OutOfRange) } else { Ok(Self(seconds)) }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> u64 {
        self.0
    }
}

/// Drops the fraction of the second: a date must never be later than what it dates (§8.8.2.1).
impl TryFrom<SystemTime> for HttpDate {
    type Error = InvalidHttpDate;

    fn try_from(time: SystemTime) -> Result<Self, InvalidHttpDate> {
        let since_epoch =
            time.duration_since(UNIX_EPOCH).map_err(|_| InvalidHttpDate::OutOfRange)?;
        Self::from_unix_seconds(since_epoch.as_secs())
    }
}

/// IMF-fixdate, always 29 octets: `Sun, 06 Nov 1994 08:49:37 GMT`.
impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = UNIX_EPOCH + Duration::from_secs(self.0);
        fmt::Display::fmt(&httpdate::HttpDate::from(time), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: HttpDate = HttpDate(784_111_777);

    fn check(field_value: &str, expected: Result<HttpDate, InvalidHttpDate>) {
        assert_eq!(HttpDate::parse(field_value.as_bytes()), expected, "{field_value:?}");
    }

    /// At noon of 2026-11-21, whose weekday was a Saturday.
    fn check_year(field_value: &str, imf_fixdate: &str) {
        let now = HttpDate(1_795_262_400);
        let read = HttpDate::parse_at(field_value.as_bytes(), now);
        assert_eq!(read, HttpDate::parse(imf_fixdate.as_bytes()), "{field_value:?}");
    }

    #[test]
    fn the_three_formats_of_the_rfc_name_the_same_second() {
        check("Sun, 06 Nov 1994 08:49:37 GMT", Ok(EXAMPLE));
        check("Sunday, 06-Nov-94 08:49:37 GMT", Ok(EXAMPLE));
        check("Sun Nov  6 08:49:37 1994", Ok(EXAMPLE));
        check("\t Sun, 06 Nov 1994 08:49:37 GMT ", Ok(EXAMPLE));
    }

    #[test]
    fn what_is_no_date_is_malformed() {
        for field_value in [
            "",
            "0",
            "784111777",
            "1994-11-06T08:49:37Z",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Wed, 30 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
            "\"Sun, 06 Nov 1994 08:49:37 GMT\"",
            "Sün, 06 Nov 1994 08:49:37 GMT",
            "sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 NOV 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun,  06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:60 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 GMT;",
            "Sun, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sunday, 06 Nov 94 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994",
            "Sun Nov  6 08:49:37 1994 GMT",
            "Thu, 29 Feb 1900 00:00:00 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov +994 08:49:37 GMT",
        ] {
            check(field_value, Err(InvalidHttpDate::Malformed));
        }
        assert_eq!(HttpDate::parse(b"\xff"), Err(InvalidHttpDate::Malformed));
    }

    #[test]
    fn the_calendar_has_leap_days_and_leap_seconds() {
        check("Tue, 29 Feb 2000 23:59:59 GMT", Ok(HttpDate(951_868_799)));
        check("Sat, 31 Dec 2016 23:59:60 GMT", Ok(HttpDate(1_483_228_800)));
        check("Fri Dec 31 23:59:59 9999", Ok(HttpDate::MAX));
    }

    #[test]
    fn a_date_before_1970_is_a_date_that_cannot_be_held() {
        check("Thu, 01 Jan 1970 00:00:00 GMT", Ok(HttpDate(0)));
        check("Wed, 31 Dec 1969 23:59:59 GMT", Err(InvalidHttpDate::OutOfRange));
        check("Sat, 01 Jan 0000 00:00:00 GMT", Err(InvalidHttpDate::OutOfRange));
    }

    #[test]
    fn a_year_of_two_digits_is_at_most_fifty_years_ahead() {
        check_year("Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT");
        check_year("Friday, 20-Nov-76 12:00:00 GMT", "Fri, 20 Nov 2076 12:00:00 GMT");
        check_year("Tuesday, 23-Nov-76 12:00:00 GMT", "Tue, 23 Nov 1976 12:00:00 GMT");
        check_year("Saturday, 01-Jan-00 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT");
        check_year("Tuesday, 31-Dec-75 23:59:59 GMT", "Tue, 31 Dec 2075 23:59:59 GMT");
        // With the weekday of 1975.
        check_year("Wednesday, 31-Dec-75 23:59:59 GMT", "malformed");
    }

    #[test]
    fn a_date_reads_back_as_it_was_written() {
        let days = (0..=HttpDate::MAX.0).step_by(86_400 * 97 + 1).map(HttpDate);
        for date in [HttpDate(0), EXAMPLE, HttpDate::MAX].into_iter().chain(days) {
            check(&date.to_string(), Ok(date));
        }
        assert_eq!(EXAMPLE.to_string(), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn a_fraction_of_a_second_is_dropped() {
        let time = UNIX_EPOCH + Duration::from_millis(1_999);
        assert_eq!(HttpDate::try_from(time), Ok(HttpDate(1)));
    }

    #[test]
    fn times_that_cannot_be_written_are_refused() {
        let before = UNIX_EPOCH - Duration::from_secs(1);
        let after = HttpDate::MAX.unix_seconds() + 1;
        assert_eq!(HttpDate::try_from(before), Err(InvalidHttpDate::OutOfRange));
        assert_eq!(HttpDate::from_unix_seconds(after), Err(InvalidHttpDate::OutOfRange));
    }
}
