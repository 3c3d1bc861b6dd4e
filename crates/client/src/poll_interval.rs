//! The pace at which a server wants to be polled: `Poll-Interval`, as GitLab sends it.
//!
//! Milliseconds until the next poll; `-1` is "poll no more". A server can slow its clients down and
//! stop them, never hurry them. Waits for nothing: it only checks whether a poll is due too early.

use std::time::Duration;

use crate::head;

/// Longest pause that a response can ask for. A longer one is a mistake, and a client that never
/// polls again cannot learn of it.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Earliest next poll of a client, as its server asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum ServerPace {
    #[default]
    Own,
    /// Not before this, on the client's clock.
    NotBefore(Duration),
    /// Not before clients are started again once more than this often.
    Stopped { resumes: u32 },
}

impl ServerPace {
    /// Reads the pace off the head of a response that came at `clock` to a client which had been
    /// started again `resumes` times when it asked. Without a readable field the pace is the
    /// client's own.
    pub(crate) fn asked(head: &[u8], clock: Duration, resumes: u32) -> Self {
        match head::value(head, "poll-interval") {
            Some(b"-1") => Self::Stopped { resumes },
            Some(value) => milliseconds(value)
                .map_or(Self::Own, |pause| Self::NotBefore(clock.saturating_add(pause))),
            None => Self::Own,
        }
    }

    pub(crate) fn holds_back(self, clock: Duration, resumes: u32) -> bool {
        match self {
            Self::Own => false,
            Self::NotBefore(until) => clock < until,
            Self::Stopped { resumes: before } => before == resumes,
        }
    }
}

fn milliseconds(value: &[u8]) -> Option<Duration> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    // Digits that are no number of 64 bits are too many.
    let number = wire::head::decimal(value).unwrap_or(u64::MAX);
    is_number.then(|| Duration::from_millis(number).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK: Duration = Duration::from_secs(5);

    #[track_caller]
    fn check(value: &str, expected: ServerPace) {
        let head = format!("HTTP/1.1 304 Not Modified\r\nPoll-Interval: {value}\r\n\r\n");
        assert_eq!(ServerPace::asked(head.as_bytes(), CLOCK, 7), expected, "{value:?}");
    }

    #[test]
    fn milliseconds_are_counted_from_the_response_and_bounded_by_a_day() {
        let until = |millis| ServerPace::NotBefore(CLOCK + Duration::from_millis(millis));
        check("3000", until(3_000));
        check("0", until(0));
        check("86400000", until(86_400_000));
        check("86400001", until(86_400_000));
        check("99999999999999999999999999", until(86_400_000));
    }

    #[test]
    fn minus_one_stops_and_what_is_no_number_is_ignored() {
        check("-1", ServerPace::Stopped { resumes: 7 });
        for value in ["", "-2", "-1.0", "+5", "1.5", "3000ms", "3000, 5", "NaN", "½"] {
            check(value, ServerPace::Own);
        }
        assert_eq!(ServerPace::asked(b"HTTP/1.1 200 OK\r\n\r\n", CLOCK, 7), ServerPace::Own);
    }

    #[test]
    fn a_poll_is_held_back_until_its_time_or_until_clients_start_again() {
        assert!(!ServerPace::Own.holds_back(Duration::ZERO, 0));
        assert!(ServerPace::NotBefore(CLOCK).holds_back(Duration::from_millis(4_999), 0));
        assert!(!ServerPace::NotBefore(CLOCK).holds_back(CLOCK, 0));
        assert!(ServerPace::Stopped { resumes: 1 }.holds_back(Duration::MAX, 1));
        assert!(!ServerPace::Stopped { resumes: 1 }.holds_back(Duration::ZERO, 2));
    }
}
