//! Evidence about entity tags, and the findings that follow from it under stable codes and names.
//!
//! ```text
//! evidence (exchanges of a check, a capture) ─► view ─┐
//!                                                    ├─► judges of the catalogue ─► conclusion
//! tallies (the arms of a run) ─────────────────► run ─┘
//! ```
//!
//! A finding is two files of [`catalogue`]: its words and its advice, and beside them a judge for
//! each kind of evidence that can show it, with its tests on hand-written exchanges. Pure: makes no
//! request, reads no clock and no file. The crate `probe` collects evidence, `harness` runs, and both
//! print what is found. `logs` judges access logs, and takes words and advice from here ([`log`]).

pub mod advice;
pub mod catalogue;
pub mod check;
pub mod conclusion;
pub mod contents;
mod draws;
pub mod evidence;
mod explanation;
#[cfg(test)]
mod fixture;
pub mod kind;
pub mod log;
pub mod memory;
pub mod products;
pub mod replicas;
pub mod repro;
pub mod rounds;
pub mod run;
mod tag_form;
pub mod tags;
#[cfg(test)]
mod tests;
pub mod view;

pub use advice::{Advice, Remedy};
pub use check::{Check, Finding};
pub use kind::{FindingKind, shown};
