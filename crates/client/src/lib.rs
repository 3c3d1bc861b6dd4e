//! Polling clients with stored responses, over counted sockets.
//!
//! ```text
//! cadence ─Slot─► polling ─► driver ─request─► connection ─► response ─► measure::Exchange ─► Tally
//!                              └ Poller (a value) └ every byte counted, both directions
//! ```
//!
//! - [`cadence`]: when and in which order pollers poll, as values.
//! - `poller`: what one logical client remembers: a tag and the content it stands for.
//! - `connection`, `response`, `content`: one exchange on a kept-alive connection, with every
//!   byte accounted for and every malformation named. `coding` undoes content codings.
//! - `driver`: the polls of some clients, one after the other.
//! - `pacing` waits for send times, [`pen`] keeps closed loops from falling into step.
//! - [`polling`]: the one loop that all cadences share.
//!
//! Knows nothing of replicas, strategies or processes. No TLS here.

pub mod cadence;
mod coding;
mod connection;
mod content;
mod driver;
mod pacing;
pub mod pen;
mod poller;
pub mod polling;
mod response;
mod target;

pub use cadence::Cadence;
pub use polling::{Load, Meter, Outcome, Reached, poll};
pub use target::{InvalidTarget, Target};
