//! A run in virtual time: the record that `run` would write, without processes and sockets.
//!
//! ```text
//! Scenario ─► Case ─► World: replicas, edge, choice (the lab's own code over octets in memory)
//!              │        ▲ each kind of exchange once
//!              │      Automaton: states of clients, classes of polls, one table
//!              └────► play: which client polls when ─► counts of classes ─► Tally ─► record
//! ```
//!
//! Nothing here is a model of the lab: strategies, preconditions, edges, policies, cadences and verdicts
//! are the functions that a run calls. What makes it fast is that no exchange is made twice: clients that
//! have stored the same are in one state, a poll in that state at a replica is of one class, and both are
//! numbers. So a client is eight bytes, a poll is a look-up, and octets are summed up by class.
//!
//! In lock-step a model equals its run in all that is no time ([`outcome_of`]). In other cadences chance
//! decides, and [`prediction`] has intervals. What depends on real time or on other people's programs is
//! [`NotModelled`].
//!
//! Pure: no clock, no socket, no process, and no chance but what is seeded.

mod automaton;
mod counts;
mod editions;
mod limits;
mod play;
pub mod prediction;
pub mod record;
mod timeline;
mod whole;
mod world;

pub use editions::{BETWEEN_EDITIONS, Editions, FIRST_EDITION};
pub use limits::NotModelled;
pub use play::{ArmOutcome, Method, outcome_of};
pub use prediction::Prediction;
pub use timeline::{FleetStep, SourceStep, Step, TierStep, Timeline};
pub use whole::{SOURCE, of_scenario};
