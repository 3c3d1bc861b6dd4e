//! A representation as it is served: its content in each coding on offer, each with its tag, its length
//! and its 304.
//!
//! Everything here is made when content changes and not when it is asked for, so that answering costs
//! a few reference counts. Makes no tag: whoever serves hands it in. Which variant a request selects,
//! and how it is answered, is the business of [`crate::selected`].

use std::io::Write as _;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::{Compression, GzBuilder};
use http::{HeaderName, HeaderValue};
use semantics::{Coding, EntityTag, FieldName, RequestFields};
use truth::{ContentId, Declaration, ReplicaId};

use crate::lane::Prepared;

/// Content in each coding on offer.
#[derive(Debug)]
pub struct Representation {
    /// The content as it is.
    pub identity: Variant,
    /// The same content in each coding on offer, the preferred one first.
    pub coded: Vec<Variant>,
    /// Value of `Lab-Replica`; `None` to declare nothing. It is about the content before any coding:
    /// what a client has in the end.
    pub declaration: Option<HeaderValue>,
    /// A further field of responses that carry content.
    pub further: (HeaderName, HeaderValue),
}

/// Content in one coding: what is sent, and what is validated.
#[derive(Debug)]
pub struct Variant {
    /// `None` is `identity`.
    pub coding: Option<Coding>,
    /// The octets that are sent.
    pub content: Bytes,
    /// The tag of exactly these octets, if there is one.
    pub tag: Option<Tag>,
    pub(crate) content_length: HeaderValue,
    /// The 304 that names the tag, from the first one on.
    pub(crate) not_modified: OnceLock<Prepared>,
}

/// An entity tag, to compare and to send.
#[derive(Clone, Debug)]
pub struct Tag {
    /// The value that conditions are compared with.
    pub value: EntityTag,
    /// The same as the value of `ETag`.
    pub field: HeaderValue,
}

impl Representation {
    /// The same content with a new tag, of which the codings get theirs.
    #[must_use]
    pub fn retagged(&self, tag: Option<Tag>) -> Self {
        let coded = |variant: &Variant| {
            let tag = variant.coding.and_then(|coding| Some(tag.as_ref()?.coded(coding)));
            variant.with_tag(tag)
        };
        Self {
            coded: self.coded.iter().map(coded).collect(),
            identity: self.identity.with_tag(tag),
            declaration: self.declaration.clone(),
            further: self.further.clone(),
        }
    }

    pub(crate) fn variant(&self, fields: &impl RequestFields) -> &Variant {
        if self.coded.is_empty() {
            return &self.identity;
        }
        let offer = self.coded.iter().filter_map(|variant| variant.coding);
        let wanted = semantics::coding::preferred(fields.lines(FieldName::AcceptEncoding), offer);
        let chosen = self.coded.iter().find(|variant| wanted.is_some() && variant.coding == wanted);
        // Content as it is, and never 406, also to a client that accepts nothing on offer.
        chosen.unwrap_or(&self.identity)
    }
}

impl Variant {
    /// Content in no coding.
    pub fn identity(content: Bytes, tag: Option<Tag>) -> Self {
        Self::new(None, content, tag)
    }

    /// This content in a coding, as `encoded`, with a tag of its own: two streams of bytes that share a
    /// strong tag could be spliced by a range request (RFC 9110 §8.8.3.3).
    #[must_use]
    pub fn coded(&self, coding: Coding, encoded: Bytes) -> Self {
        let tag = self.tag.as_ref().map(|tag| tag.coded(coding));
        Self::new(Some(coding), encoded, tag)
    }

    fn new(coding: Option<Coding>, content: Bytes, tag: Option<Tag>) -> Self {
        let content_length = HeaderValue::from(content.len());
        Self { coding, content_length, content, tag, not_modified: OnceLock::new() }
    }

    fn with_tag(&self, tag: Option<Tag>) -> Self {
        // A 304 names the tag, so the one that was kept is of no use any more.
        Self::new(self.coding, self.content.clone(), tag)
    }
}

impl Tag {
    /// A tag and its field value.
    ///
    /// # Panics
    ///
    /// Never: an entity tag consists of octets that a field value may contain.
    pub fn new(value: EntityTag) -> Self {
        let field = HeaderValue::from_bytes(value.as_bytes())
            .expect("octets of an entity tag are allowed in a field value");
        Self { value, field }
    }

    /// The tag of the same content in a coding: `"…-gzip"`, as weak as this one.
    #[must_use]
    pub fn coded(&self, coding: Coding) -> Self {
        Self::new(self.value.coded(coding))
    }
}

/// The value of `Lab-Replica` of a replica that serves this content, before any coding, and knows it
/// by this number; `None` for a replica that has no content yet.
///
/// # Panics
///
/// Never: a declaration is ASCII.
pub fn declaration(replica: ReplicaId, content: Option<(&[u8], Option<u32>)>) -> HeaderValue {
    let content =
        content.map(|(content, edition)| truth::Content { id: ContentId::of(content), edition });
    HeaderValue::try_from(Declaration { replica, content }.to_string())
        .expect("a declaration consists of digits, base64url and punctuation")
}

/// The content in gzip at its usual level, with this time in its header, in seconds since 1970
/// (RFC 1952 §2.3), and without a file name.
///
/// # Panics
///
/// Never: memory takes everything that is written to it.
pub fn gzip(content: &[u8], time: u32) -> Vec<u8> {
    // The level of servers that compress what they are asked for, fixed so that the same content is
    // the same bytes on every replica.
    let mut encoder = GzBuilder::new().mtime(time).write(Vec::new(), Compression::default());
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.expect("memory takes everything that is written to it")
}
