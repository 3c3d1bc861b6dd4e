//! Modification time of the copy, for `Last-Modified` (RFC 9110 §8.8.2).
//!
//! Sent by default, as by every file server, so that `deploy-drift` shows in dates, too. Of the copy's
//! own time, not of the moment at which this process noticed: replicas that keep the times of their
//! deploy agree.

use http::HeaderValue;
use semantics::HttpDate;
use server::Stamp;
use server::date::{field, now};
use strategies::FileMetadata;

#[derive(Clone, Debug)]
pub(super) struct LastModified {
    modified: HttpDate,
    field: HeaderValue,
    /// No later than the moment at which it was published, so that no clock has to be asked.
    is_past: bool,
    /// The latest date of all states before this one.
    before: Option<HttpDate>,
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

    pub(super) fn stamp(&self) -> Stamp<'_> {
        // A file from the future was modified now: its date must not be later than that of the
        // response (§8.8.2.1).
        let date = if self.is_past { self.modified } else { self.modified.min(now()) };
        let field = (date == self.modified).then_some(&self.field);
        Stamp { field, date, is_condition: true }
    }

    /// The date if it is a strong validator.
    pub(super) fn if_strong(&self) -> Option<HttpDate> {
        // Its second is over, and no other state that this replica has served had it or a later one
        // (§8.8.2.2).
        let is_alone = self.before.is_none_or(|before| before < self.modified);
        (is_alone && self.modified < now()).then_some(self.modified)
    }
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
        assert_eq!(last.if_strong().is_some(), expected, "{states:?}");
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
        let stamp = last_modified.stamp();
        assert!(stamp.field.is_none() && stamp.date <= now(), "{stamp:?}");
    }

    #[test]
    fn a_file_of_the_past_is_dated_as_it_is() {
        let last_modified = LastModified::of(&file(0), None).expect("1970 can be written");
        let field = last_modified.stamp().field.map(HeaderValue::as_bytes);
        assert_eq!(field, Some(&b"Thu, 01 Jan 1970 00:00:00 GMT"[..]));
        assert!(LastModified::of(&file(-1), None).is_none());
    }
}
