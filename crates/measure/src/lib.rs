//! Verdicts on exchanges, counted and compared.
//!
//! ```text
//! Exchange ── classify ─► Verdict ─► Tally ─► record::ArmRecord ─► record::RunRecord
//! ```
//!
//! Everything the lab prints is derived from the verdicts and socket byte counts gathered here;
//! nothing else counts anything. No socket, clock, randomness or runtime.

mod coding;
mod comparison;
mod conduct;
mod course;
mod exchange;
mod latency;
pub mod numbers;
pub mod record;
mod rounds;
mod tags;
mod tally;
mod transcript;
mod verdict;
mod writes;

pub use coding::ContentCoding;
pub use comparison::compare;
pub use conduct::Conduct;
pub use course::Course;
pub use exchange::{ErrorReason, Exchange, ExchangeBytes, Resume};
pub use latency::{Latencies, UnreadableHistogram};
pub use record::TlsBytes;
pub use rounds::Rounds;
pub use tally::Unmergeable;
pub use tally::{ByteTotals, ReplicaTally, TagSighting, Tally, Unnumbered};
pub use transcript::{
    ArmTranscript, Transcript, WireConnection, WireExchange, WireTiming, WrongWrite,
};
pub use verdict::{Observation, Verdict, classify, held_after};
pub use writes::{WriteAnswer, WriteHistory, WriteVerdict};
