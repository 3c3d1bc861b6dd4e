//! The field line of `Date`, made anew once a second (RFC 9110 §6.6.1).

use std::fmt::Write as _;
use std::time::SystemTime;

use semantics::HttpDate;

/// The line, and the second that it tells.
#[derive(Debug, Default)]
pub(super) struct DateLine {
    told: Option<HttpDate>,
    line: String,
}

impl DateLine {
    /// `date: …` with its end of line, for the present second.
    pub(super) fn now(&mut self) -> &[u8] {
        let now = HttpDate::try_from(SystemTime::now()).unwrap_or(HttpDate::MAX);
        self.at(now)
    }

    fn at(&mut self, now: HttpDate) -> &[u8] {
        if self.told != Some(now) {
            self.told = Some(now);
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
