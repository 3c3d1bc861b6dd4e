//! The interface of a format: it writes a run, or two runs side by side, into a string.
//!
//! Does not print: the caller owns stdout, files and the question whether there is a terminal.

use measure::record::RunRecord;

use crate::compare::Comparison;

/// Writes records in one medium. Everything comes through the arguments.
pub trait Format: Sync {
    /// One run. The text ends with a line feed and holds no control character but line feeds
    /// and, when [`Style::color`] is set, the colours of this crate.
    fn render(&self, record: &RunRecord, style: Style) -> Result<String, RenderError>;

    /// Two runs side by side, under the same promise.
    fn render_comparison(
        &self,
        comparison: &Comparison<'_>,
        style: Style,
    ) -> Result<String, RenderError>;
}

/// Limits of the place of printing. Only formats for people at a terminal look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Adds colour; never the only bearer of a meaning.
    pub color: bool,
    /// Columns of the terminal; less than 40 counts as 40.
    pub width: usize,
}

impl Default for Style {
    /// No colour, 80 columns.
    fn default() -> Self {
        Self { color: false, width: 80 }
    }
}

/// Reason why a record could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The JSON writer gave up.
    #[error("the record cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// The CSV writer gave up.
    #[error("the record cannot be written as CSV")]
    Csv(#[from] csv::Error),
}
