//! What a layer between clients and replicas does to their messages: when it codes content, what
//! becomes of the entity tag, and whether replicas learn which codings clients accept.
//!
//! Pure: no socket, no clock, no compression, so that a model in virtual time calls the very code
//! that the gateway runs.

mod accept;
mod candidate;
mod tags;

pub use accept::accepts_gzip;
pub use candidate::{Candidate, forbids_transform};
pub(crate) use tags::{each_replica_tag, with_suffix, without_suffix};

/// How one kind of layer treats content codings and entity tags.
///
/// A layer stands behind the tagging: replicas tag the content as it is, and then its form on the
/// wire becomes another one.
pub trait Edge: Send + Sync {
    /// How it compresses; `None` leaves every content as it came.
    fn compression(&self) -> Option<Compression>;

    /// Whether requests go to the replicas without their `Accept-Encoding`, so that none of them
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

/// How an edge compresses, as the products behave by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    /// Level of gzip, `1..=9`.
    pub level: u32,
    /// Least length of content that is worth coding; content of unknown length is coded.
    pub least_bytes: u64,
}
