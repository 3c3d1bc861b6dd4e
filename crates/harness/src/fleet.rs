//! A fleet as the tier of an arm: replicas, which may share a database and a store of tags.
//!
//! A fleet never outlives its owner ([`crate::process`]). When things happen is not decided here;
//! that is up to the timeline.

mod arguments;
mod replica;
mod replicas;
mod spec;
mod tier;

pub use spec::FleetError;
pub(crate) use tier::FleetTier;
