//! The clock of an origin server, in whole seconds, and the field line of `Date` (RFC 9110 §6.6.1).

use std::fmt::Write as _;
use std::time::SystemTime;

use http::HeaderValue;
use semantics::HttpDate;

/// The present second.
pub fn now() -> HttpDate {
    HttpDate::try_from(SystemTime::now()).unwrap_or(HttpDate::MAX)
}

/// The date as a field value.
///
/// # Panics
///
/// Never: a date is ASCII.
pub fn field(date: HttpDate) -> HeaderValue {
    HeaderValue::try_from(date.to_string()).expect("a date is ASCII")
}

/// The field line, formatted once a second.
#[derive(Debug, Default)]
pub(crate) struct DateLine {
    second: Option<HttpDate>,
    line: String,
}

impl DateLine {
    /// `date: …` with its end of line, for the present second.
    pub(crate) fn now(&mut self) -> &[u8] {
        self.at(now())
    }

    fn at(&mut self, now: HttpDate) -> &[u8] {
        if self.second != Some(now) {
            self.second = Some(now);
            self.line.clear();
            // Writing to a string cannot fail.
            let _ = write!(self.line, "date: {now}\r\n");
        }
        self.line.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use semantics::InvalidHttpDate;

    #[test]
    fn the_line_follows_the_clock() -> Result<(), InvalidHttpDate> {
        let mut line = DateLine::default();
        let epoch = b"date: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
        assert_eq!(line.at(HttpDate::from_unix_seconds(0)?), epoch);
        assert_eq!(line.at(HttpDate::from_unix_seconds(0)?), epoch);
        let later = b"date: Thu, 01 Jan 1970 00:00:01 GMT\r\n";
        assert_eq!(line.at(HttpDate::from_unix_seconds(1)?), later);
        Ok(())
    }
}
