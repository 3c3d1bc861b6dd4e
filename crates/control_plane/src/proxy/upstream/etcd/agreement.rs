//! One date for one table on every instance, although etcd keeps no times: a key beside the folder
//! says which table the instances have seen last, and since when.
//!
//! Whoever first sees a table that the key does not speak of replaces it, by comparing revisions, so
//! that one of many does. It is read again with every poll, in the very snapshot of the folder: an
//! instance that missed a change and its reversal comes to the same date as the others.
//!
//! The date is `max(now, the date before)`, and the key records that it stood still. One second more
//! for each change, which would keep all dates apart, runs ahead of the clock where changes come
//! faster than that, and a date from the future must not be sent (RFC 9110 §8.8.2.1).
//!
//! Sends nothing itself.

use semantics::{EntityTag, HttpDate};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::SystemTime;

use crate::etcd::gateway::{self, KeyValue};
use crate::proxy::upstream::Modified;

// Numbered, so that instances that make their tables in another way use another key.
const KEY: &str = "etag-lab/coalescer/1/modified";

#[derive(Debug)]
pub(super) struct DateAgreement {
    pub(super) key: String,
    revision: i64,
    agreed: Option<Agreed>,
}

/// Value of the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Agreed {
    tag: String,
    /// Seconds since 1970-01-01T00:00:00Z.
    modified: u64,
    /// No table before had this date.
    moved: bool,
}

impl DateAgreement {
    pub(super) fn new(folder: &str) -> Self {
        // Outside of the folder, which begins with a slash, so that it is never read as a route.
        Self { key: format!("{KEY}{folder}"), revision: 0, agreed: None }
    }

    /// Takes note of what the key says now.
    pub(super) fn seen(&mut self, pair: Option<&KeyValue>) {
        self.revision = pair.map_or(0, |pair| pair.mod_revision);
        // A value that no instance wrote counts as none, and is replaced like one.
        self.agreed = pair.and_then(|pair| serde_json::from_slice(&pair.value).ok());
    }

    pub(super) fn on(&self, tag: &EntityTag) -> Option<&Agreed> {
        self.agreed.as_ref().filter(|agreed| agreed.tag.as_bytes() == tag.as_bytes())
    }

    /// The transaction that says that this table is held since now.
    pub(super) fn proposal(&self, tag: &EntityTag) -> Value {
        let now = HttpDate::try_from(SystemTime::now()).map_or(0, HttpDate::unix_seconds);
        let proposal = self.next(tag, now);
        let value = serde_json::to_string(&proposal).expect("text and numbers are JSON");
        gateway::replace(&self.key, self.revision, &value)
    }

    fn next(&self, tag: &EntityTag, now: u64) -> Agreed {
        // The clock of this instance may be behind that of the one that wrote before.
        let before = self.agreed.as_ref().map(|agreed| agreed.modified);
        Agreed {
            tag: tag.to_string(),
            modified: now.max(before.unwrap_or(0)),
            moved: before.is_none_or(|before| now > before),
        }
    }
}

impl Agreed {
    pub(super) fn modified(&self) -> Modified {
        let date = HttpDate::from_unix_seconds(self.modified).unwrap_or(HttpDate::MAX);
        Modified { date, moves: self.moved }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::table::entity_tag;

    fn pair(agreed: &Agreed, mod_revision: i64) -> KeyValue {
        let value = serde_json::to_vec(agreed).expect("text and numbers are JSON");
        KeyValue { key: Vec::new(), value, mod_revision }
    }

    #[test]
    fn the_date_never_goes_back_and_says_when_it_stood_still() {
        let (a, b) = (entity_tag(b"a"), entity_tag(b"b"));
        let mut agreement = DateAgreement::new("/routes/");
        let first = agreement.next(&a, 100);
        assert_eq!((first.modified, first.moved), (100, true));
        agreement.seen(Some(&pair(&first, 7)));
        assert_eq!(agreement.on(&a), Some(&first));
        assert_eq!((agreement.on(&b), agreement.revision), (None, 7));
        for (now, expected) in [(101, (101, true)), (100, (100, false)), (50, (100, false))] {
            let next = agreement.next(&b, now);
            assert_eq!((next.modified, next.moved), expected);
        }
    }

    #[test]
    fn a_value_of_somebody_else_counts_as_nothing_but_can_be_replaced() {
        let mut agreement = DateAgreement::new("/routes/");
        agreement.seen(Some(&KeyValue { key: Vec::new(), value: b"?".to_vec(), mod_revision: 9 }));
        assert_eq!((agreement.on(&entity_tag(b"a")), agreement.revision), (None, 9));
        agreement.seen(None);
        assert_eq!(agreement.revision, 0);
    }

    #[test]
    fn the_key_lies_outside_of_its_folder() {
        for folder in ["/", "/etag-lab/", "/etag-lab/coalescer/1/modified/"] {
            assert!(!DateAgreement::new(folder).key.starts_with(folder), "{folder}");
        }
    }
}
