//! Polling clients with stored responses, over counted sockets.
//!
//! ```text
//! cadence ─Slot─► polling ─► driver ─request─► connection ─► response ─► measure::Exchange ─► Tally
//!                              └ Poller (a value) └ every byte counted, both directions
//! ```
//!
//! - [`cadence`]: when and in which order pollers poll, as values.
//! - [`caching`]: what clients do with what they have stored, as values.
//! - `poller`: what one logical client remembers: validators and the content they stand for.
//! - `freshness`: until when it need not ask; `poll_interval`: until when it is not to;
//!   `resume`: what it asks for after a broken download.
//! - `connection`, `response`, `content`: one exchange on a kept-alive connection, with every
//!   byte accounted for and every malformation named.
//! - `driver`: the polls of some clients, one after the other: fetched, then by `judge` told what
//!   they mean, counted, stored.
//! - `capture` keeps exchanges as they are on the wire, for those who ask for the log.
//! - `pacing` waits for send times, [`pen`] keeps closed loops from falling into step.
//! - [`polling`]: the one loop that all cadences share.
//!
//! Knows nothing of replicas, strategies or processes. No TLS here.

pub mod caching;
pub mod cadence;
mod capture;
mod connection;
mod content;
mod driver;
mod fields;
mod freshness;
mod judge;
mod pacing;
pub mod pen;
mod poll_interval;
mod poller;
pub mod polling;
mod response;
mod resume;
mod target;

pub use caching::{Caching, IfRange, Interruption, OnError, Validate};
pub use cadence::Cadence;
pub use capture::Capture;
pub use polling::{Load, Meter, Outcome, Reached, Take, poll};
pub use target::{InvalidTarget, Target};
