//! Edges: the changes that a layer between clients and replicas makes to messages. An edge decides
//! when content is coded, what becomes of the entity tag, and whether replicas see the codings that
//! clients accept.
//!
//!
//! Pure: no socket, no clock, no compression, so that a model in virtual time calls the very code
//! that the gateway runs.

use std::fmt;

mod accept;
mod candidate;
mod tags;

pub use accept::accepts_gzip;
pub use candidate::{Candidate, forbids_transform};
pub(crate) use tags::{each_replica_tag, with_suffix, without_suffix};

/// One kind of layer, as it treats content codings and entity tags.
///
/// Replicas tag the content before the layer sees it, and the layer may change its form on the
/// wire.
pub trait Edge: Send + Sync {
    /// Compression settings; `None` leaves every content as it came.
    fn compression(&self) -> Option<Compression>;

    /// True when requests lose their `Accept-Encoding` on the way to the replicas, so that none of them
    /// codes anything.
    fn hides_codings(&self) -> bool {
        false
    }

    /// The tag under which coded content leaves, from the field value that the replica sent;
    /// `None` sends it without one.
    fn coded_tag(&self, tag: &[u8]) -> Option<Vec<u8>> {
        Some(tag.to_vec())
    }

    /// The tag that the replica knows, from one of those in `If-None-Match` or `If-Match`; `None`
    /// where it is passed on as it is, which is what most layers do.
    ///
    /// Never applied to `If-Range`: the ranges of two codings are not parts of one whole.
    fn replica_tag(&self, _tag: &[u8]) -> Option<Vec<u8>> {
        None
    }
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
pub struct EdgeEntry {
    /// Name in scenarios and on the command line, in kebab-case, unique.
    pub name: &'static str,
    /// Its behaviour, in one sentence.
    pub summary: &'static str,
    /// Products that do this by default; each is another name for the edge.
    pub products: &'static [&'static str],
    /// The effect that clients notice, in one fragment.
    pub effect: &'static str,
    /// The edge itself; `None` passes them on.
    pub edge: Option<&'static dyn Edge>,
}

impl fmt::Debug for EdgeEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EdgeEntry").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for EdgeEntry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for EdgeEntry {}
