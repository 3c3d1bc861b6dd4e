//! Content and the fields that go with it, ready to be sent.
//!
//! Everything here is made when something changes and not when it is asked for, so that answering
//! costs a few reference counts. Gathers no facts of its own: it is given them.

use std::sync::OnceLock;

use bytes::Bytes;
use http::HeaderValue;
use semantics::{Coding, EntityTag};
use server::Prepared;
use strategies::{Entry, ProcessState, RepresentationFacts};
use truth::{Content, ContentId, Declaration, ReplicaId};

use crate::copy::LocalCopy;
use crate::encoded;
use crate::replica::ReplicaSpec;

mod encode;
pub(crate) mod last_modified;

use last_modified::LastModified;

/// One state of the resource.
#[derive(Debug)]
pub(crate) struct Representation {
    pub(crate) copy: LocalCopy,
    /// Number of this state, where somebody numbers them.
    pub(crate) edition: Option<u32>,
    /// The value of `lab-replica`; `None` for a replica that declares nothing. It speaks of the
    /// content before any coding: what a client has in the end.
    pub(crate) declaration: Option<HeaderValue>,
    pub(crate) last_modified: Option<LastModified>,
    /// The content as it is.
    pub(crate) identity: Variant,
    /// The same in each coding on offer, in the order of the offer.
    coded: Vec<Variant>,
}

/// The content in one coding: what is sent, and what is validated.
#[derive(Debug)]
pub(crate) struct Variant {
    /// `None` is `identity`.
    pub(crate) coding: Option<Coding>,
    pub(crate) content: Bytes,
    pub(crate) content_length: HeaderValue,
    pub(crate) tag: Option<Tag>,
    /// The 304 that names the tag, from the first one on.
    pub(crate) not_modified: OnceLock<Prepared>,
}

/// An entity tag, to compare and to send.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) value: EntityTag,
    pub(crate) field: HeaderValue,
}

/// What a tag may be made of besides the copy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances<'a> {
    pub(crate) process: ProcessState,
    /// What the store of shared tags said before the content was read.
    pub(crate) shared_tag: Option<&'a EntityTag>,
}

impl Representation {
    /// `previous` is the state that this one replaces.
    pub(crate) fn new(
        copy: LocalCopy,
        edition: Option<u32>,
        spec: &ReplicaSpec,
        around: Circumstances<'_>,
        previous: Option<&Self>,
    ) -> Self {
        let declaration = spec.id.map(|replica| declaration(replica, &copy.content, edition));
        let dated = previous.and_then(|previous| previous.last_modified.as_ref());
        let last_modified = || LastModified::of(&copy.file, dated);
        let identity = Variant::new(None, copy.content.clone(), tag(spec.strategy, &copy, around));
        Self {
            declaration,
            last_modified: if spec.last_modified { last_modified() } else { None },
            coded: spec.codings.iter().map(|coding| identity.coded(*coding)).collect(),
            identity,
            copy,
            edition,
        }
    }

    /// The same state made anew as a whole, as an application renders it for every request.
    pub(crate) fn rendered_again(
        &self,
        copy: LocalCopy,
        spec: &ReplicaSpec,
        around: Circumstances<'_>,
    ) -> Self {
        let again = Self::new(copy, self.edition, spec, around, None);
        Self { last_modified: self.last_modified.clone(), ..again }
    }

    /// The same state with its tag made anew from facts gathered anew.
    pub(crate) fn tagged_again(
        &self,
        copy: LocalCopy,
        entry: &Entry,
        around: Circumstances<'_>,
    ) -> Self {
        let tag = tag(entry, &copy, around);
        Self {
            coded: self.coded.iter().map(|variant| variant.tagged_again(tag.as_ref())).collect(),
            identity: self.identity.with(tag),
            copy,
            edition: self.edition,
            declaration: self.declaration.clone(),
            last_modified: self.last_modified.clone(),
        }
    }

    /// The variant that a client wants whose `Accept-Encoding` has these lines.
    pub(crate) fn variant<'a>(&self, lines: impl Iterator<Item = &'a [u8]>) -> &Variant {
        let offer = self.coded.iter().filter_map(|variant| variant.coding);
        let wanted = semantics::coding::preferred(lines, offer);
        let chosen = self.coded.iter().find(|variant| wanted.is_some() && variant.coding == wanted);
        chosen.unwrap_or(&self.identity)
    }

    /// Whether the answer depends on `Accept-Encoding`.
    pub(crate) fn varies(&self) -> bool {
        !self.coded.is_empty()
    }
}

impl Variant {
    fn new(coding: Option<Coding>, content: Bytes, tag: Option<Tag>) -> Self {
        let content_length = HeaderValue::from(content.len());
        Self { coding, content_length, content, tag, not_modified: OnceLock::new() }
    }

    /// This content in a coding, with a tag of its own: two streams of bytes that share a strong
    /// tag could be spliced by a range request (RFC 9110 §8.8.3.3).
    fn coded(&self, coding: Coding) -> Self {
        let tag = self.tag.as_ref().map(|tag| tag.coded(coding));
        Self::new(Some(coding), encode::encode(coding, &self.content), tag)
    }

    fn tagged_again(&self, identity: Option<&Tag>) -> Self {
        let tag = self.coding.and_then(|coding| Some(identity?.coded(coding)));
        self.with(tag)
    }

    /// The same content under another tag.
    fn with(&self, tag: Option<Tag>) -> Self {
        Self {
            coding: self.coding,
            content: self.content.clone(),
            content_length: self.content_length.clone(),
            tag,
            not_modified: OnceLock::new(),
        }
    }
}

impl Tag {
    pub(crate) fn new(value: EntityTag) -> Self {
        let field = HeaderValue::from_bytes(value.as_bytes())
            .expect("octets of an entity tag may all stand in a field value");
        Self { value, field }
    }

    /// The tag of the same content in a coding: `"…-gzip"`, as weak as this one.
    fn coded(&self, coding: Coding) -> Self {
        Self::new(self.value.coded(coding))
    }
}

/// The value of `lab-replica` for a replica that has no content to declare.
pub(crate) fn bare_declaration(replica: ReplicaId) -> HeaderValue {
    field(Declaration { replica, content: None })
}

/// The value of `lab-replica` for this content, before any coding.
pub(crate) fn declaration(replica: ReplicaId, content: &[u8], edition: Option<u32>) -> HeaderValue {
    let content = Content { id: ContentId::of(content), edition };
    field(Declaration { replica, content: Some(content) })
}

fn field(declaration: Declaration) -> HeaderValue {
    HeaderValue::try_from(declaration.to_string())
        .expect("a declaration consists of digits, base64url and punctuation")
}

/// Hands the strategy the facts that its entry declares, and no others.
fn tag(entry: &Entry, copy: &LocalCopy, around: Circumstances<'_>) -> Option<Tag> {
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
    entry.strategy.entity_tag(&facts).map(Tag::new)
}
