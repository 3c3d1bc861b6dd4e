//! One state of the resource: the copy, when it was modified, and the representation made of it.
//!
//! Made when something changes and not when it is asked for. Gathers no facts of its own: it is given
//! them.

use http::HeaderValue;
use http::header::ACCEPT_RANGES;
use semantics::{EntityTag, HttpDate};
use server::fields::SelectionFields;
use server::representation::{self, Representation, Tag, Variant};
use server::{Description, Selected};
use strategies::{Entry, ProcessState, RepresentationFacts};

use crate::copy::LocalCopy;
use crate::encoded;
use crate::spec::ReplicaSpec;

mod last_modified;

use last_modified::LastModified;

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
        fields: &impl SelectionFields,
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
    let mut facts = RepresentationFacts::new();
    if entry.reads.content {
        facts = facts.with_content(&copy.content);
    }
    if entry.reads.file {
        facts = facts.with_file(copy.file);
    }
    if entry.reads.process {
        facts = facts.with_process(around.process);
    }
    let encoded = entry.reads.encoded.then(|| encoded::gzip(&copy.content, copy.file.modified_s()));
    if let Some(encoded) = &encoded {
        facts = facts.with_encoded(encoded);
    }
    if entry.reads.revision {
        let revision = copy.revision.expect("a strategy that reads a revision has a store");
        facts = facts.with_revision(revision);
    }
    if entry.reads.shared_tag {
        facts = facts.with_shared_tag(around.shared_tag);
    }
    (entry.strategy)(&facts).map(Tag::new)
}
