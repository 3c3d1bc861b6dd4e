//! The lab in a room with a projector: offline, with people who look, guess and press.
//!
//! [`live`] is one page with switches over a running fleet, [`learn`] leads through exercises with proof,
//! [`mystery`] is a fleet with a hidden fault.
//! Nothing here measures: polls, verdicts and processes are those of a run.

pub mod learn;
pub mod live;
pub mod mystery;
