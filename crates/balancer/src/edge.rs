//! What a compressing layer between clients and replicas does to their messages: when it codes
//! content, and what becomes of the entity tag.
//!
//! Pure: no socket, no clock, no compression, so that a model in virtual time calls the very code
//! that the gateway runs.

mod accept;
mod candidate;
mod tags;

pub use accept::accepts_gzip;
pub use candidate::{Candidate, forbids_transform};
pub(crate) use tags::{each_replica_tag, with_suffix, without_suffix};

/// How one kind of compressing layer treats entity tags.
///
/// A layer stands behind the tagging: replicas tag the content as it is, and then its form on the
/// wire becomes another one.
pub trait Edge: Send + Sync {
    /// The tag under which coded content leaves, from the field value that the replica sent;
    /// `None` sends it without one.
    fn coded_tag(&self, tag: &[u8]) -> Option<Vec<u8>>;

    /// The tag that the replica knows, from one of those in `If-None-Match` or `If-Match`; `None`
    /// where it is passed on as it is, which is what most layers do.
    ///
    /// Never applied to `If-Range`: the ranges of two codings are not parts of one whole.
    fn replica_tag(&self, _tag: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// Level of compression, `1..=9`, as the products behave by default.
    fn level(&self) -> u32;

    /// Least length of content that is worth coding; content of unknown length is coded.
    fn least_bytes(&self) -> u64;
}
