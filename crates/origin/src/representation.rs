//! Content and the fields that go with it, ready to be sent.
//!
//! Everything here is made when something changes and not when it is asked for, so that answering
//! costs a few reference counts. Gathers no facts of its own: it is given them.

use http::HeaderValue;
use semantics::EntityTag;
use strategies::{Entry, ProcessState, RepresentationFacts};
use truth::{Content, ContentId, Declaration, ReplicaId};

use crate::copy::LocalCopy;
use crate::encoded;

/// One state of the resource.
#[derive(Debug)]
pub(crate) struct Representation {
    pub(crate) copy: LocalCopy,
    /// Number of this state, where somebody numbers them.
    pub(crate) edition: Option<u32>,
    /// The value of `lab-replica`; `None` for a replica that declares nothing.
    pub(crate) declaration: Option<HeaderValue>,
    pub(crate) content_length: HeaderValue,
    pub(crate) tag: Option<Tag>,
}

/// An entity tag, to compare and to send.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) value: EntityTag,
    pub(crate) field: HeaderValue,
}

impl Representation {
    pub(crate) fn new(
        copy: LocalCopy,
        edition: Option<u32>,
        replica: Option<ReplicaId>,
        entry: &Entry,
        process: ProcessState,
    ) -> Self {
        let declaration = replica.map(|replica| {
            let content = Content { id: ContentId::of(&copy.content), edition };
            field(Declaration { replica, content: Some(content) })
        });
        Self {
            declaration,
            content_length: HeaderValue::from(copy.content.len()),
            tag: tag(entry, &copy, process),
            copy,
            edition,
        }
    }

    /// The same state with its tag made anew from facts gathered anew.
    pub(crate) fn tagged_again(
        &self,
        copy: LocalCopy,
        entry: &Entry,
        process: ProcessState,
    ) -> Self {
        Self {
            tag: tag(entry, &copy, process),
            copy,
            edition: self.edition,
            declaration: self.declaration.clone(),
            content_length: self.content_length.clone(),
        }
    }
}

/// The value of `lab-replica` for a replica that has no content to declare.
pub(crate) fn bare_declaration(replica: ReplicaId) -> HeaderValue {
    field(Declaration { replica, content: None })
}

fn field(declaration: Declaration) -> HeaderValue {
    HeaderValue::try_from(declaration.to_string())
        .expect("a declaration consists of digits, base64url and punctuation")
}

/// Hands the strategy the facts that its entry declares, and no others.
fn tag(entry: &Entry, copy: &LocalCopy, process: ProcessState) -> Option<Tag> {
    let mut facts = RepresentationFacts::new();
    if entry.reads.content {
        facts = facts.with_content(&copy.content);
    }
    if entry.reads.file {
        facts = facts.with_file(copy.file);
    }
    if entry.reads.process {
        facts = facts.with_process(process);
    }
    let encoded = entry.reads.encoded.then(|| encoded::gzip(&copy.content, copy.file.modified_s()));
    if let Some(encoded) = &encoded {
        facts = facts.with_encoded(encoded);
    }
    if entry.reads.revision {
        let revision = copy.revision.expect("a strategy that reads a revision has a store");
        facts = facts.with_revision(revision);
    }
    let value = entry.strategy.entity_tag(&facts)?;
    let field = HeaderValue::from_bytes(value.as_bytes())
        .expect("octets of an entity tag may all stand in a field value");
    Some(Tag { value, field })
}
