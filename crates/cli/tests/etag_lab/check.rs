//! `etag-lab check` against real deployments, hostile servers and captures.
//!
//! The judgement itself is tested in `probe`; here it meets servers of other people.

mod browser;
mod captures;
mod deployments;
pub(crate) mod gateways;
mod hostile;
mod matrix;
mod over_time;
mod peers;
mod repro;
pub(crate) mod servers;
mod ways;
mod writes;
