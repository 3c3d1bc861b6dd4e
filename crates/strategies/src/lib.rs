//! Strategies that make an entity tag from facts about a representation.
//!
//! A strategy is pure and synchronous: facts in, tag out. It never opens a file, reads a clock
//! or asks a store; whoever holds the representation gathers the facts that the strategy's entry
//! declares, and no others. Layout:
//!
//! - [`facts`]: what may be known about a representation;
//! - [`entry`]: what a strategy is, reads, and claims;
//! - [`catalogue`]: every strategy there is, and how to add one;
//! - `digest`: the hash that content strategies share;
//! - `json_map` and `seeded`: maps and hash functions as a process orders and seeds them;
//! - the other files: one strategy each, with the product or habit it is taken from.

#![expect(clippy::unnecessary_wraps, reason = "all have one signature, and some make no tag")]

// With an explicit path, the modules of the catalogue lie beside it instead of below it, so that
// a strategy is declared and listed in one file.
#[path = "catalogue.rs"]
pub mod catalogue;
mod digest;
pub mod entry;
pub mod facts;
mod json_map;
mod seeded;
mod windows_time;

pub use catalogue::{STRATEGIES, find, names};
pub use entry::{Agreement, Computed, Deployed, Discrimination, Entry, Strategy};
pub use facts::{FileMetadata, ProcessState, Reads, RepresentationFacts};
