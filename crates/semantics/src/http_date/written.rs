//! The three forms in which a date may be written, read octet by octet (RFC 9110 §5.6.7).
//!
//! Exact, because what is not a date has to be ignored: names of days and months in their case,
//! two digits where there are two, the day of the week that the calendar has.

const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const LONG_WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Mean length of fifty years of the Gregorian calendar.
const FIFTY_YEARS_S: i64 = 50 * 31_556_952;

/// Seconds since 1970-01-01T00:00:00Z, negative before; `None` for what is no date.
///
/// A year of two digits is the last one that `now` does not see more than fifty years ahead.
/// Without `now`, it is one from 1970 to 2069. A leap second is the second after it.
pub(super) fn unix_seconds(text: &[u8], now: Option<i64>) -> Option<i64> {
    let mut rest = Rest(text);
    let written = rest.rfc_850(now).or_else(|| {
        rest = Rest(text);
        let weekday = rest.one_of(&WEEKDAYS)?;
        match rest.literal(", ") {
            Some(()) => rest.day_first(weekday, " ", 4),
            None => rest.asctime(weekday),
        }
    })?;
    // A weekday that contradicts its date makes it no date: nobody can know which of them is meant.
    (rest.0.is_empty() && written.is_in_the_calendar()).then(|| written.unix_seconds())
}

struct Written {
    /// 0 is Sunday.
    weekday: i64,
    year: i64,
    /// 1 is January.
    month: i64,
    day: i64,
    second_of_day: i64,
}

impl Written {
    fn is_in_the_calendar(&self) -> bool {
        let is_leap_year = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let days = match self.month {
            2 if is_leap_year => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        // 1970-01-01 was a Thursday.
        let weekday = (self.days() + 4).rem_euclid(7);
        (1..=days).contains(&self.day) && weekday == self.weekday
    }

    fn unix_seconds(&self) -> i64 {
        self.days() * 86_400 + self.second_of_day
    }

    /// Days since 1970-01-01, counted in years that begin in March and so end with the leap day.
    fn days(&self) -> i64 {
        let year = if self.month > 2 { self.year } else { self.year - 1 };
        let day_of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        // So many days lie between 0000-03-01 and 1970-01-01.
        year * 365 + leap_days + day_of_year - 719_468
    }

    fn in_the_right_century(mut self, now: Option<i64>) -> Self {
        let Some(now) = now else {
            self.year += if self.year < 70 { 2_000 } else { 1_900 };
            return self;
        };
        self.year += 1_900;
        while {
            let next = Self { year: self.year + 100, ..self };
            next.unix_seconds() <= now + FIFTY_YEARS_S
        } {
            self.year += 100;
        }
        self
    }
}

struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// `Sunday, 06-Nov-94 08:49:37 GMT`.
    fn rfc_850(&mut self, now: Option<i64>) -> Option<Written> {
        let weekday = self.one_of(&LONG_WEEKDAYS)?;
        self.literal(", ")?;
        Some(self.day_first(weekday, "-", 2)?.in_the_right_century(now))
    }

    /// `06 Nov 1994 08:49:37 GMT`, between the parts of the date this separator.
    fn day_first(&mut self, weekday: i64, separator: &str, year_digits: usize) -> Option<Written> {
        let day = self.digits(2)?;
        self.literal(separator)?;
        let month = self.one_of(&MONTHS)? + 1;
        self.literal(separator)?;
        let year = self.digits(year_digits)?;
        self.literal(" ")?;
        let second_of_day = self.time()?;
        self.literal(" GMT")?;
        Some(Written { weekday, year, month, day, second_of_day })
    }

    /// ` Nov  6 08:49:37 1994`.
    fn asctime(&mut self, weekday: i64) -> Option<Written> {
        self.literal(" ")?;
        let month = self.one_of(&MONTHS)? + 1;
        self.literal(" ")?;
        let day = if self.literal(" ").is_some() { self.digits(1) } else { self.digits(2) }?;
        self.literal(" ")?;
        let second_of_day = self.time()?;
        self.literal(" ")?;
        let year = self.digits(4)?;
        Some(Written { weekday, year, month, day, second_of_day })
    }

    /// From `00:00:00` to `23:59:60`.
    fn time(&mut self) -> Option<i64> {
        let hour = self.digits(2)?;
        self.literal(":")?;
        let minute = self.digits(2)?;
        self.literal(":")?;
        let second = self.digits(2)?;
        let is_leap_second = (hour, minute, second) == (23, 59, 60);
        let exists = hour < 24 && minute < 60 && (second < 60 || is_leap_second);
        exists.then_some((hour * 60 + minute) * 60 + second)
    }

    fn literal(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text.as_bytes())?;
        Some(())
    }

    fn one_of(&mut self, names: &[&str]) -> Option<i64> {
        let index = names.iter().position(|name| self.literal(name).is_some())?;
        i64::try_from(index).ok()
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
        })
    }
}
