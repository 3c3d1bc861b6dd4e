//! A control plane as the tier of an arm: a source of routes, and proxies before it.
//!
//! Requests to the source are counted by the source itself. The delay of a change follows from what
//! the clients took, and when.

mod account;
mod freshness;
mod prometheus;
mod proxy;
mod route_editions;
mod routes;
mod source;
mod tier;

pub use self::route_editions::EditionError;
pub use self::source::SourceError;
pub use self::tier::ControlPlaneError;
pub(crate) use self::tier::ControlPlaneTier;
