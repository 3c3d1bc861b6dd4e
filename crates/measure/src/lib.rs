//! What each exchange meant, counted and compared.
//!
//! ```text
//! Exchange ── classify ─► Verdict ─► Tally ─► record::ArmRecord ─► record::RunRecord
//! ```
//!
//! Everything the lab prints is derived from the verdicts and socket byte counts gathered here;
//! nothing else counts anything. No socket, clock, randomness or runtime.

mod coding;
mod comparison;
mod exchange;
mod latency;
pub mod record;
mod tally;
mod verdict;

pub use coding::ContentCoding;
pub use comparison::{ArmDescription, compare};
pub use exchange::{ErrorReason, Exchange, ExchangeBytes};
pub use latency::{Latencies, LatencySummary};
pub use tally::{ByteTotals, ChangeTally, CodingTally, ReplicaTally, TagSighting, Tally};
pub use verdict::{Observation, Verdict, VerdictCounts, classify, held_after};
