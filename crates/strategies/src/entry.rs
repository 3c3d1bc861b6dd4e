//! Entries of the catalogue: a strategy, and what is declared about it.
//!
//! Nothing here enforces a claim: the contract tests of the catalogue do.

use semantics::EntityTag;

use crate::facts::{Reads, RepresentationFacts};

/// A way to make entity tags: the tag of the representation with these facts; `None` when it goes
/// without.
pub type Strategy = fn(&RepresentationFacts<'_>) -> Option<EntityTag>;

/// State that two replicas must share for their tags to agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Agreement {
    /// There is no tag to agree on.
    NoTag,
    /// The content: every replica that holds the same bytes makes the same tag.
    SameContent,
    /// The metadata of the file, as far as the strategy reads it.
    SameFile,
    /// The revision in a store that all replicas read, whatever else they share or do not.
    SameRevision,
    /// The state of the process; replicas agree by accident only.
    SameProcess,
    /// Nothing: no two responses have one tag, whoever sends them.
    Never,
}

impl Agreement {
    /// The claim in words, after "agrees".
    pub fn in_words(self) -> &'static str {
        match self {
            Self::NoTag => "never: there is no tag",
            Self::SameContent => "whenever the content is the same",
            Self::SameFile => "only with the same file metadata",
            Self::SameRevision => "whenever the store is the same",
            Self::SameProcess => "only within one process",
            Self::Never => "never: each response has another tag",
        }
    }
}

/// Contents that one replica's tags tell apart, when nothing else has changed.
///
/// Agreement is half of an honest tag: a tag that all replicas agree on and that stays while the
/// content changes gets false 304s. RFC 9110 §8.8.1 asks strong tags for [`Contents`].
///
/// [`Contents`]: Discrimination::Contents
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Discrimination {
    /// Any two contents: the tag is made from every octet.
    Contents,
    /// Contents between which a change was recorded, by a time, a counter or a revision. Other
    /// content that arrives without a trace keeps the tag.
    Changes,
    /// Contents of different sizes; others of one size share a tag, whatever was recorded.
    Sizes,
    /// No contents: there is no tag, or one for all.
    Nothing,
}

impl Discrimination {
    /// The claim in words, after "tells apart".
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Contents => "any two contents",
            Self::Changes => "changes that were recorded",
            Self::Sizes => "sizes only",
            Self::Nothing => "nothing",
        }
    }
}

/// Change that a deployment makes to the content or to its copy before anything reads it.
///
/// Some tags are honest and some facts are read rightly, and the trouble comes with the content
/// itself or with its file: then the replica really serves such content, from such a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deployed {
    /// Nothing.
    AsGiven,
    /// The content is made to name the replica that serves it.
    NamingReplica,
    /// The copy is stamped with this modification time, in seconds since 1970-01-01T00:00:00Z,
    /// as reproducible builds do.
    StampedWith(u64),
}

/// Moment at which a replica makes the tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Computed {
    /// Once for every change of the resource; requests reuse it.
    OnChange,
    /// For every request, as the product or habit in question does.
    PerRequest,
}

/// A strategy as users meet it.
#[derive(Debug)]
pub struct Entry {
    /// Name in scenarios and on the command line, in kebab-case, unique.
    pub name: &'static str,
    /// Parts of which the tag is made, in one sentence.
    pub summary: &'static str,
    /// Products or habits that make tags like this.
    pub seen_in: &'static str,
    /// The facts it reads.
    pub reads: Reads,
    /// The claim from which expected ratios of 304s are predicted.
    pub agreement: Agreement,
    /// The claim from which false 304s are to be expected.
    pub tells_apart: Discrimination,
    /// Moment at which the tag is made.
    pub computed: Computed,
    /// Change made to the content or its copy first.
    pub deployed: Deployed,
    /// The way itself.
    pub strategy: Strategy,
}

impl Entry {
    /// The claims of a tag made from the content when that changes; a strategy names itself, and
    /// what it does otherwise.
    pub const OF_CONTENT: Self = Self {
        name: "",
        summary: "",
        seen_in: "",
        reads: Reads::CONTENT,
        agreement: Agreement::SameContent,
        tells_apart: Discrimination::Contents,
        computed: Computed::OnChange,
        deployed: Deployed::AsGiven,
        strategy: |_| None,
    };
    /// The claims of a tag made from the file's metadata when the file changes.
    pub const OF_FILE: Self = Self {
        reads: Reads::FILE,
        agreement: Agreement::SameFile,
        tells_apart: Discrimination::Changes,
        ..Self::OF_CONTENT
    };
}

// Names are unique, and functions cannot be compared.
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Entry {}
