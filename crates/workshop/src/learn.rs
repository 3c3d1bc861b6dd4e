//! Exercises with proof: a broken file, a task, and a run that says whether it is mended.
//!
//! ```text
//! exercises/NAME/ ─► exercise ─► set ─┬─► desk: the learner's folder ─┐
//!  (inside the program, or a folder)  └─► proof ◄─────────────────────┘
//!                                           ├─► harness ─► promises, first wrong exchange
//!                                           └─► logs    ─► promises
//! marks (what was solved and skipped) ◄─ course ─► session (a terminal) or one command
//! ```
//!
//! Verifying needs no terminal; [`session`] is handed keys and a screen by its caller. Prints nothing.

mod answers;
mod built_in;
mod check;
mod course;
mod desk;
pub mod doctor;
mod exercise;
mod first_wrong;
mod look;
mod marks;
mod outcome;
mod proof;
mod screen;
mod session;
mod set;
mod template;
mod untouched;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use thiserror::Error;

pub use check::{Checked, check};
pub use course::{Course, Verified};
pub use exercise::{Exercise, Flaw};
pub use look::Look;
pub use marks::{Mark, Progress, STATE_FILE};
pub use outcome::{Outcome, Promise};
pub use proof::Lab;
pub use screen::{hints, listing, outcome};
pub use session::{Ended, Screen, session};
pub use set::Set;
pub use template::new;

/// Reason why an exercise cannot be shown or verified.
#[derive(Debug, Error)]
pub enum LearnError {
    /// No exercise has this name.
    #[error("there is no exercise `{0}`\n  = help: {1}")]
    Unknown(String, String),
    /// An exercise of a trainer's is malformed.
    #[error("the exercise `{0}` is not one: {1}\n  = help: {2}")]
    Flawed(String, Flaw, &'static str),
    /// A folder holds no exercise.
    #[error(
        "there is no exercise in `{path}`\n  = help: an exercise is a folder with an exercise.toml: \
         etag-lab learn new NAME makes one",
        path = .0.display()
    )]
    Empty(PathBuf),
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] system::FileError),
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] harness::WriteError),
    /// A file or folder cannot be used otherwise.
    #[error("cannot use `{path}`: {error}", path = .0.display(), error = .1)]
    File(PathBuf, String),
    /// The file with the marks is of something else, or broken.
    #[error(
        "`{path}` is not what learn keeps there: {reason}\n  = help: move it away to begin anew",
        path = .0.display(), reason = .1
    )]
    Marks(PathBuf, String),
    /// A name cannot be that of a folder.
    #[error(
        "`{0}` cannot be the name of an exercise\n  = help: use small letters, digits and hyphens"
    )]
    Name(String),
}

impl LearnError {
    fn file(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::File(path.to_owned(), error.to_string())
    }

    /// True where the arguments are at fault, and not the machine.
    pub fn is_input(&self) -> bool {
        !matches!(self, Self::File(..) | Self::Read(_) | Self::Write(_))
    }
}
