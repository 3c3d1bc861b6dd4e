//! A fleet with a hidden fault, to be found from outside.
//!
//! ```text
//! seed ─► solution ─► fleet (harness::stand) ◄─ doors ◄─ whoever asks     each exchange is evidence
//!                         ▲                       │
//!                         └── orders ── inquiry ◄─┴── socket ◄─ answer, repair, hint …
//! ```
//!
//! The seed is the whole truth: nothing about it is written anywhere, and who asks the running mystery
//! gets what is his by then. The fleet is a real one, whose processes and responses say nothing of the
//! lab's.

mod answer;
mod asked;
mod board;
mod clue;
mod culprits;
mod debrief;
mod door;
mod errands;
mod fleet_plan;
mod host;
mod inquiry;
mod load;
mod lottery;
mod paper;
mod repair;
mod score;
mod sheet;
mod solution;
mod talk;
mod verdicts;
mod words;

#[cfg(test)]
mod tests;

use harness::RunError;
use thiserror::Error;

pub use board::{board, read};
pub use host::{Settings, run};
pub use paper::Paper;
pub use repair::Fix;
pub use score::MysteryResult;
pub use sheet::{pack, reveal};
pub use talk::{Errand, TalkReply, Went, run_errand};

/// Reason for which there is no mystery, or none that can be reached.
#[derive(Debug, Error)]
pub enum MysteryError {
    /// The fleet did not start.
    #[error(transparent)]
    Fleet(#[from] RunError),
    /// There is no socket for the commands of the participant.
    #[error(
        "cannot make a socket in the folder for temporary files: {0}\n  = help: set TMPDIR to a short path"
    )]
    Socket(std::io::Error),
    /// There is no port for an address of the ticket.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Door(std::io::Error),
    /// No mystery runs here, or none of this seed.
    #[error("no mystery{of} runs on this machine\n  = help: start one in another terminal: etag-lab mystery",
            of = .0.map(|seed| format!(" with seed {seed}")).unwrap_or_default())]
    NoneRuns(Option<u64>),
    /// It is not clear which one is meant.
    #[error("several mysteries run on this machine\n  = help: choose one with --seed: {0}")]
    SeveralRun(String),
    /// The running mystery does not reply.
    #[error(
        "the mystery does not reply: {0}\n  = help: is it being stopped? start it again with its --seed"
    )]
    Talk(std::io::Error),
}

/// How well the fault hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difficulty {
    /// One plain fault.
    Plain,
    /// One that hides.
    Hidden,
    /// Two, or something unusual that is none.
    Mixed,
}

impl Difficulty {
    /// All of them, easiest first.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Hidden, Self::Mixed];

    /// From 1 to 3, as people name it.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The one with this number.
    pub fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|difficulty| difficulty.number() == number)
    }
}
