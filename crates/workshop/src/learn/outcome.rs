//! Result of a verification: its promises, kept or not, and what was seen.

use std::time::Duration;

use text::visible_lines;

/// A promise of an exercise, and whether it was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Promise {
    /// The promise in words.
    pub says: String,
    /// Whether it was kept.
    pub is_kept: bool,
    /// Values that were found.
    pub observed: String,
}

/// Result of a verification.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Reason for which nothing could be run; text of several lines, neutral.
    pub problem: Option<String>,
    /// Promises in the order of the exercise.
    pub promises: Vec<Promise>,
    /// The first exchange that went wrong, line by line, where a promise was not kept.
    pub first_wrong: Vec<String>,
    /// Value of the number that the guess is about; a ratio counts of 100.
    pub measured: Option<f64>,
    /// Time that it took.
    pub took: Duration,
}

impl Outcome {
    /// True if everything was kept.
    pub fn is_solved(&self) -> bool {
        self.problem.is_none()
            && !self.promises.is_empty()
            && self.promises.iter().all(|promise| promise.is_kept)
    }

    pub(crate) fn problem(text: impl Into<String>) -> Self {
        Self { problem: Some(visible_lines(&text.into())), ..Self::default() }
    }
}
