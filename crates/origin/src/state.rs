//! One state of the resource: the copy, when it was modified, and the representation made of it.
//!
//! Made when something changes and not when it is asked for. Gathers no facts of its own: it is given
//! them.

use http::HeaderValue;
use http::header::ACCEPT_RANGES;
use semantics::{EntityTag, HttpDate, RequestFields};
use server::date::{field, now};
use server::representation::{self, Representation, Tag, Variant};
use server::{Description, Selected, Stamp};
use strategies::{Entry, FileMetadata, ProcessState, RepresentationFacts};

use crate::copy::LocalCopy;
use crate::encoded;
use crate::spec::ReplicaSpec;

#[derive(Debug)]
pub(crate) struct ResourceState {
    pub(crate) copy: LocalCopy,
    /// Number of this state, where the harness numbers them.
    pub(crate) edition: Option<u32>,
    pub(crate) representation: Representation,
    last_modified: Option<LastModified>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances<'a> {
    pub(crate) process: ProcessState,
    /// The tag in the store of shared tags, read before the content was.
    pub(crate) shared_tag: Option<&'a EntityTag>,
    /// Nanoseconds since 1970, where the strategy reads them.
    pub(crate) moment_ns: Option<u64>,
}

impl ResourceState {
    /// `previous` is the state that this one replaces.
    pub(crate) fn new(
        copy: LocalCopy,
        edition: Option<u32>,
        spec: &ReplicaSpec,
        around: Circumstances<'_>,
        previous: Option<&Self>,
    ) -> Self {
        let content = (&copy.content[..], edition);
        let identity = Variant::identity(copy.content.clone(), tag(spec.strategy, &copy, around));
        let coded = |coding: &_| identity.coded(*coding, encoded::encode(*coding, &copy.content));
        let dated = previous.and_then(|previous| previous.last_modified.as_ref());
        let last_modified = || LastModified::of(&copy.file, dated);
        Self {
            last_modified: if spec.last_modified { last_modified() } else { None },
            representation: Representation {
                declaration: spec.id.map(|id| representation::declaration(id, Some(content))),
                coded: spec.codings.iter().map(coded).collect(),
                further: (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
                identity,
            },
            copy,
            edition,
        }
    }

    /// The same state as an application renders it for every request.
    pub(crate) fn rendered_again(
        &self,
        copy: LocalCopy,
        spec: &ReplicaSpec,
        around: Circumstances<'_>,
    ) -> Self {
        let again = Self::new(copy, self.edition, spec, around, None);
        Self { last_modified: self.last_modified.clone(), ..again }
    }

    /// The same state with a tag of facts that were gathered once more.
    pub(crate) fn tagged_again(
        &self,
        copy: LocalCopy,
        entry: &Entry,
        around: Circumstances<'_>,
    ) -> Self {
        Self {
            representation: self.representation.retagged(tag(entry, &copy, around)),
            copy,
            edition: self.edition,
            last_modified: self.last_modified.clone(),
        }
    }

    pub(crate) fn select<'a>(
        &'a self,
        description: &'a Description,
        fields: &impl RequestFields,
    ) -> Selected<'a> {
        let stamp = self.last_modified.as_ref().map(LastModified::stamp);
        Selected::by(description, &self.representation, stamp, fields)
    }

    /// The date, where it is a strong validator of whatever is sent.
    pub(crate) fn strong_date(&self) -> Option<HttpDate> {
        let dated = self.last_modified.as_ref()?;
        // A date that several codings of the content share is weak (RFC 9110 §8.8.1): two streams
        // of bytes could be spliced by it.
        if self.representation.coded.is_empty() { dated.if_strong() } else { None }
    }
}

/// Hands the strategy the facts that its entry declares, and no others.
fn tag(entry: &Entry, copy: &LocalCopy, around: Circumstances<'_>) -> Option<Tag> {
    // An operator can have responses go without a tag, whatever the strategy.
    if !copy.tagged {
        return None;
    }
    let reads = entry.reads;
    let encoded = reads.encoded.then(|| encoded::gzip(&copy.content, copy.file.modified_s()));
    let facts = RepresentationFacts {
        content: reads.content.then_some(&copy.content),
        file: reads.file.then_some(copy.file),
        process: reads.process.then_some(around.process),
        encoded: encoded.as_deref(),
        revision: copy.revision.filter(|_| reads.revision),
        shared_tag: reads.shared_tag.then_some(around.shared_tag),
        moment_ns: around.moment_ns,
    };
    (entry.strategy)(&facts).map(Tag::new)
}

/// Modification time of the copy, for `Last-Modified` (RFC 9110 §8.8.2): its own, not the moment at which
/// this process noticed, so that replicas that keep the times of their deploy agree.
#[derive(Clone, Debug)]
struct LastModified {
    modified: HttpDate,
    field: HeaderValue,
    /// No later than the moment at which it was published, so that no clock has to be asked.
    is_past: bool,
    /// The latest date of all states before this one.
    before: Option<HttpDate>,
}

impl LastModified {
    /// `None` for a file from before 1970. `previous` is the state that this one replaces.
    fn of(file: &FileMetadata, previous: Option<&Self>) -> Option<Self> {
        let seconds = u64::try_from(file.modified_s()).ok()?;
        let modified = HttpDate::from_unix_seconds(seconds).ok()?;
        Some(Self {
            modified,
            field: field(modified),
            is_past: modified <= now(),
            before: previous.and_then(|previous| previous.before.max(Some(previous.modified))),
        })
    }

    fn stamp(&self) -> Stamp<'_> {
        // A file from the future was modified now: its date must not be later than that of the
        // response (RFC 9110 §8.8.2.1).
        let date = if self.is_past { self.modified } else { self.modified.min(now()) };
        let field = (date == self.modified).then_some(&self.field);
        Stamp { field, date, is_condition: true }
    }

    /// The date if it is a strong validator.
    fn if_strong(&self) -> Option<HttpDate> {
        // Its second is over, and no other state that this replica has served had it or a later one
        // (RFC 9110 §8.8.2.2).
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
