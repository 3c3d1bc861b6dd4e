//! When the copy was modified, as `Last-Modified` says it (RFC 9110 §8.8.2).
//!
//! Of the copy's own time, not of the moment at which this process noticed: replicas that keep
//! the times of their deploy agree.

use std::time::SystemTime;

use http::header::{DATE, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue};
use semantics::HttpDate;
use strategies::FileMetadata;

/// The date of one state of the resource.
#[derive(Clone, Debug)]
pub(crate) struct LastModified {
    modified: HttpDate,
    field: HeaderValue,
    /// No later than the moment at which it was published, so that no clock has to be asked.
    is_past: bool,
    /// The latest date of all states before this one.
    before: Option<HttpDate>,
}

/// The date as it stands in one response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp<'a> {
    of: &'a LastModified,
    pub(crate) date: HttpDate,
}

/// The time of this origin server.
pub(crate) fn now() -> HttpDate {
    HttpDate::try_from(SystemTime::now()).unwrap_or(HttpDate::MAX)
}

impl LastModified {
    /// `None` for a file from before 1970. `previous` is the state that this one replaces.
    pub(super) fn of(file: &FileMetadata, previous: Option<&Self>) -> Option<Self> {
        let seconds = u64::try_from(file.modified_s()).ok()?;
        let modified = HttpDate::from_unix_seconds(seconds).ok()?;
        Some(Self {
            modified,
            field: field(modified),
            is_past: modified <= now(),
            before: previous.and_then(|previous| previous.before.max(Some(previous.modified))),
        })
    }

    /// A file from the future was modified now: its date must not be later than that of the
    /// response (§8.8.2.1).
    pub(crate) fn stamp(&self) -> Stamp<'_> {
        let date = if self.is_past { self.modified } else { self.modified.min(now()) };
        Stamp { of: self, date }
    }
}

impl Stamp<'_> {
    /// The date if it is a strong validator: its second is over, and no other state that this
    /// replica has served had it or a later one (§8.8.2.2).
    pub(crate) fn if_strong(self) -> Option<HttpDate> {
        let is_alone = self.of.before.is_none_or(|before| before < self.date);
        let is_strong = self.date == self.of.modified && is_alone && self.date < now();
        is_strong.then_some(self.date)
    }

    /// Writes the field, and `Date` too where the two have to be the same.
    pub(crate) fn write(self, fields: &mut HeaderMap) {
        if self.date == self.of.modified {
            fields.insert(LAST_MODIFIED, self.of.field.clone());
        } else {
            let now = field(self.date);
            fields.insert(DATE, now.clone());
            fields.insert(LAST_MODIFIED, now);
        }
    }
}

fn field(date: HttpDate) -> HeaderValue {
    HeaderValue::try_from(date.to_string()).expect("a date is ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(modified_s: i128) -> FileMetadata {
        FileMetadata { inode: 1, size_bytes: 1, modified_ns: modified_s * 1_000_000_000 + 7 }
    }

    fn dates(states: &[i128]) -> Vec<LastModified> {
        let mut all: Vec<LastModified> = Vec::new();
        for state in states {
            all.extend(LastModified::of(&file(*state), all.last()));
        }
        all
    }

    fn check_strong(states: &[i128], expected: bool) {
        let all = dates(states);
        let last = all.last().expect("these dates can be written");
        assert_eq!(last.stamp().if_strong().is_some(), expected, "{states:?}");
    }

    #[test]
    fn a_date_is_strong_when_no_other_state_has_it() {
        check_strong(&[100], true);
        check_strong(&[100, 101], true);
        check_strong(&[100, 100], false);
        check_strong(&[100, 100, 101], true);
        check_strong(&[100, 101, 100], false);
        check_strong(&[101, 101, 100, 101], false);
    }

    #[test]
    fn a_date_is_weak_in_its_own_second() {
        let now = i128::from(now().unix_seconds());
        // Whatever the clock does meanwhile, the year is not over.
        check_strong(&[now + 31_000_000], false);
        check_strong(&[now - 10], true);
    }

    #[test]
    fn a_file_from_the_future_was_modified_now() {
        let later = i128::from(now().unix_seconds()) + 3_600;
        let last_modified = LastModified::of(&file(later), None).expect("the year is not 9999");
        let mut fields = HeaderMap::new();
        last_modified.stamp().write(&mut fields);
        assert_eq!(fields.get(LAST_MODIFIED), fields.get(DATE));
        let date = fields.get(DATE).and_then(|date| HttpDate::parse(date.as_bytes()).ok());
        assert!(date.is_some_and(|date| date <= now()), "{date:?}");
    }

    #[test]
    fn a_file_of_the_past_leaves_the_date_to_the_server() {
        let last_modified = LastModified::of(&file(0), None).expect("1970 can be written");
        let mut fields = HeaderMap::new();
        last_modified.stamp().write(&mut fields);
        let field = fields.get(LAST_MODIFIED).map(HeaderValue::as_bytes);
        assert_eq!(field, Some(&b"Thu, 01 Jan 1970 00:00:00 GMT"[..]));
        assert_eq!(fields.len(), 1);
        assert!(LastModified::of(&file(-1), None).is_none());
    }
}
