//! Scenario → processes → run → comparison.
//!
//! ```text
//! scenario TOML ─► ScenarioFile ─► Scenario ─► (fleet, run) ─► RunRecord ─► Expectation
//! ```
//!
//! - [`scenario`]: the description of a run, a crate of its own.
//! - `fleet`, or `control_plane` in its place: the processes of an arm; `tag_store` and `real`: what they
//!   share, started for the run.
//! - [`ports`]: free ports for programs that want to be told one.

pub mod ports;

mod arm;
mod control_plane;
mod editions;
mod fleet;
mod gateway;
mod guarded;
mod keep;
mod prediction;
mod preflight;
mod real;
mod remote;
mod run;
mod script;
mod sharing;
mod tag_store;
mod timeline;

pub use control_plane::{ControlPlaneError, EditionError, ProcessError, SourceError};
pub use fleet::FleetError;
pub use guarded::guard;
pub use keep::{KeepError, keep, write_atomically};
pub use real::RealError;
pub use remote::{Remote, poll};
pub use run::{Finished, Progress, RunError, Settings, run};
pub use tag_store::TagStoreError;
