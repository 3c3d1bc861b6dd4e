//! Edges: the changes that a layer between clients and replicas makes to messages. An edge decides
//! when content is coded, what becomes of the entity tag, and whether replicas see the codings that
//! clients accept.
//!
//! Pure: no socket, no clock, no compression, so that a model in virtual time calls the very code
//! that the gateway runs.

mod candidate;
mod tags;

pub use candidate::{Candidate, accepts_gzip, forbids_transform};
pub(crate) use tags::{each_replica_tag, with_suffix, without_suffix};

/// One kind of layer, as it treats content codings and entity tags.
///
/// Replicas tag the content before the layer sees it, and the layer may change its form on the
/// wire.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// Compression settings; `None` leaves every content as it came.
    pub compression: Option<Compression>,
    /// True when requests lose their `Accept-Encoding` on the way to the replicas, so that none of them
    /// codes anything.
    pub hides_codings: bool,
    /// The tag under which coded content leaves, from the field value that the replica sent;
    /// `None` sends it without one.
    pub coded_tag: fn(tag: &[u8]) -> Option<Vec<u8>>,
    /// The tag that the replica knows, from one of those in `If-None-Match` or `If-Match`; `None`
    /// where it is passed on as it is, which is what most layers do.
    ///
    /// Never applied to `If-Range`: the ranges of two codings are not parts of one whole.
    pub replica_tag: fn(tag: &[u8]) -> Option<Vec<u8>>,
}

impl Edge {
    /// Changes nothing; entries say where they differ.
    pub(crate) const PASSING: Self = Self {
        compression: None,
        hides_codings: false,
        coded_tag: |tag| Some(tag.to_vec()),
        replica_tag: |_| None,
    };
}

/// Compression settings of an edge; the entries use the defaults of the products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    /// Level of gzip, `1..=9`.
    pub level: u32,
    /// Least length of content that is worth coding; content of unknown length is coded.
    pub least_bytes: u64,
}

/// An edge as users meet it.
#[derive(Debug)]
pub struct EdgeEntry {
    /// Name in scenarios and on the command line, in kebab-case, unique.
    pub name: &'static str,
    /// Its behaviour, in one sentence.
    pub summary: &'static str,
    /// Products that do this by default; each is another name for the edge.
    pub products: &'static [&'static str],
    /// The effect that clients notice, in one fragment.
    pub effect: &'static str,
    /// The edge itself; `None` costs an exchange nothing but the look at it.
    pub edge: Option<Edge>,
}

// By name alone: the addresses of functions say nothing about what they do.
impl PartialEq for EdgeEntry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for EdgeEntry {}
