//! The interface of a format: it writes a run, or two runs side by side, into a string.
//!
//! One file per format; `catalogue` gives them their names. A format does not print: the caller
//! owns stdout, files and the question whether there is a terminal.

pub(crate) mod csv;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod openmetrics;
pub(crate) mod text;

use measure::record::RunRecord;

use crate::compare::Comparison;

/// The results to write in some format.
#[derive(Clone, Copy, Debug)]
pub enum Results<'a> {
    /// One run.
    Run(&'a RunRecord),
    /// Two runs side by side.
    Comparison(&'a Comparison<'a>),
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
    Csv(#[from] ::csv::Error),
}
