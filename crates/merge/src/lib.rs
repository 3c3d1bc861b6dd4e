//! Records of several runs, made one: the shards of a schedule added up, repetitions laid side by side.
//!
//! Pure: reads no file and starts no process.

mod repeats;
mod shards;

pub use repeats::repeats;
pub use shards::{MergeError, NamedRecord, merge};
