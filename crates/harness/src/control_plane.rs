//! A control plane as the tier of an arm: a source of routes, and proxies before it.
//!
//! Requests to the source are counted by the source itself. The delay of a change follows from what
//! the clients took, and when.

use thiserror::Error;

use crate::process::ProcessError;

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
pub(crate) use self::tier::ControlPlaneTier;

/// Failure of a control plane.
#[derive(Debug, Error)]
pub enum ControlPlaneError {
    /// The source failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A proxy failed.
    #[error(transparent)]
    Proxy(#[from] ProcessError),
    /// The routes make no table.
    #[error(transparent)]
    Edition(#[from] EditionError),
}
