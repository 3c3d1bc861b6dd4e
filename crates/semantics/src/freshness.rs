//! Freshness lifetime of a stored response in a private cache (RFC 9111 §4.2).
//!
//! Pure: the caller says what time it is. Heuristics (§4.2.2) are used by those alone who ask for them:
//! for others a response that names no lifetime is stale at once. A stale response is never served here, so `must-revalidate` changes nothing,
//! and `s-maxage` and `private` concern other caches.

use std::time::Duration;

use crate::http_date::HttpDate;
use crate::ows;

/// The fields of one response that decide how long it stays fresh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FreshnessFields {
    control: Option<CacheControl>,
    expires: Option<Expires>,
    date: Option<HttpDate>,
    age_s: Option<u32>,
    last_modified: Option<HttpDate>,
}

/// Part of the time since the last change for which browsers take a response for fresh that names no
/// lifetime: the typical one of §4.2.2.
const HEURISTIC_PART: u64 = 10;

/// The directives of all `Cache-Control` lines that concern a private cache (§5.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct CacheControl {
    /// The first of them; 0 where it is no number (§4.2.1).
    max_age_s: Option<u32>,
    no_cache: bool,
    no_store: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Expires {
    At(HttpDate),
    /// Invalid dates, `0` above all, lie in the past (§5.3).
    Already,
}

impl FreshnessFields {
    /// Reads field lines, name and value each, in the order received. Allocates nothing.
    pub fn read<'a>(lines: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Self {
        let mut fields = Self::default();
        for (name, value) in lines {
            let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
            match name.len() {
                3 if is("age") && fields.age_s.is_none() => {
                    // Of a list, the first member counts; an invalid one is ignored (§5.1).
                    let first = value.split(|&byte| byte == b',').next().unwrap_or_default();
                    fields.age_s = delta_seconds(ows::trim(first));
                }
                4 if is("date") && fields.date.is_none() => {
                    fields.date = HttpDate::parse(value).ok();
                }
                7 if is("expires") && fields.expires.is_none() => {
                    fields.expires =
                        Some(HttpDate::parse(value).map_or(Expires::Already, Expires::At));
                }
                13 if is("cache-control") => fields.control.get_or_insert_default().read(value),
                13 if is("last-modified") && fields.last_modified.is_none() => {
                    fields.last_modified = HttpDate::parse(value).ok();
                }
                _ => {}
            }
        }
        fields
    }

    /// These fields after a 304 that carried `newer` (§3.2, §4.3.4).
    ///
    /// What the 304 does not say is kept; its age and date are its own.
    #[must_use]
    pub fn updated_by(self, newer: Self) -> Self {
        Self {
            control: newer.control.or(self.control),
            expires: newer.expires.or(self.expires),
            date: newer.date,
            age_s: newer.age_s,
            last_modified: newer.last_modified.or(self.last_modified),
        }
    }

    /// True when a cache may keep the response (`no-store`, §5.2.2.5).
    pub fn may_be_stored(&self) -> bool {
        !self.control.is_some_and(|control| control.no_store)
    }

    /// Time after arrival in which the response may be used without a request; zero: none.
    ///
    /// `received` is the local time of arrival, and `delay` how long the answer took (§4.2.3).
    /// Without `received` the local clock is taken to agree with `Date`: only `Age` counts then.
    pub fn fresh_for(&self, received: Option<HttpDate>, delay: Duration) -> Duration {
        let named = self.lifetime(received).unwrap_or_default();
        named.saturating_sub(self.initial_age(received, delay))
    }

    /// The same for a cache that guesses where no lifetime is named (§4.2.2): a tenth of the time since
    /// the content was modified, as browsers do.
    pub fn fresh_for_guessing(&self, received: Option<HttpDate>, delay: Duration) -> Duration {
        let guessed = || {
            let (date, modified) = (self.date.or(received)?, self.last_modified?);
            Some(Duration::from_secs(seconds_between(modified, date) / HEURISTIC_PART))
        };
        let lifetime = self.lifetime(received).or_else(guessed).unwrap_or_default();
        lifetime.saturating_sub(self.initial_age(received, delay))
    }

    // §4.2.1, without heuristics; `None` where no lifetime is named.
    fn lifetime(&self, received: Option<HttpDate>) -> Option<Duration> {
        let control = self.control.unwrap_or_default();
        if control.no_cache || control.no_store {
            return Some(Duration::ZERO);
        }
        let expires_in = || match (self.expires?, self.date.or(received)) {
            (Expires::At(expires), Some(date)) => Some(seconds_between(date, expires)),
            (Expires::Already, _) | (Expires::At(_), None) => None,
        };
        let seconds = control.max_age_s.map(u64::from).or_else(expires_in);
        // An `Expires` that says nothing lies in the past, and is no lack of one.
        let seconds = seconds.or(self.expires.map(|_| 0));
        seconds.map(Duration::from_secs)
    }

    // `corrected_initial_age` of §4.2.3.
    fn initial_age(&self, received: Option<HttpDate>, delay: Duration) -> Duration {
        let apparent = self.date.zip(received).map(|(date, now)| seconds_between(date, now));
        let corrected = Duration::from_secs(self.age_s.unwrap_or(0).into()).saturating_add(delay);
        corrected.max(Duration::from_secs(apparent.unwrap_or(0)))
    }
}

impl CacheControl {
    fn read(&mut self, value: &[u8]) {
        for (name, argument) in directives(value) {
            let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
            if is("no-store") {
                self.no_store = true;
            } else if is("no-cache") {
                // Its qualified form, `no-cache="Set-Cookie"`, is taken as if it named no field.
                self.no_cache = true;
            } else if is("max-age") && self.max_age_s.is_none() {
                self.max_age_s = Some(delta_seconds(argument.unwrap_or_default()).unwrap_or(0));
            }
        }
    }
}

/// Names and arguments of the directives of one `Cache-Control` line; arguments come without their
/// quotes, for both forms are to be accepted (§5.2).
pub fn directives(line: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let (directive, after) = next_directive(rest)?;
        rest = after;
        let mut halves = directive.splitn(2, |&byte| byte == b'=').map(ows::trim);
        let name = halves.next().unwrap_or_default();
        let argument = halves.next().map(|argument| {
            argument.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(argument)
        });
        Some((name, argument))
    })
}

/// The part before the first comma outside quotes, and what follows that comma.
fn next_directive(value: &[u8]) -> Option<(&[u8], &[u8])> {
    if value.is_empty() {
        return None;
    }
    let (mut quoted, mut escaped) = (false, false);
    for (at, &byte) in value.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => return Some((&value[..at], &value[at + 1..])),
            _ => {}
        }
    }
    Some((value, &[]))
}

/// `delta-seconds` (§1.2.2): digits only; too large a number is 2³¹.
pub fn delta_seconds(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |sum: u32, digit: &u8| sum.saturating_mul(10).saturating_add(u32::from(digit - b'0'));
    Some(digits.iter().fold(0, add).min(1 << 31))
}

fn seconds_between(earlier: HttpDate, later: HttpDate) -> u64 {
    later.unix_seconds().saturating_sub(earlier.unix_seconds())
}
