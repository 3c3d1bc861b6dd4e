//! A run as terminal table, Markdown, CSV, JSON, HTML and series in time; its wire log as text and HAR.
//!
//! ```text
//! RunRecord ─┐                      ┌─► text       every string passes the neutraliser
//!            ├─► Document ─► Table ─┼─► markdown      of its medium on the way out
//! Comparison ┤   (drawn once)       └─► html ◄─┐
//!            ├─► course of each arm ─► charts ─┘
//!            ├─► numbers of each arm ─► csv, json; the rows of the table name them
//!            └─► rounds of each arm ─► openmetrics
//! ```
//!
//! The rows of a table are built once, in `metrics` and `table`; a format only says how a row
//! looks in its medium, so two formats cannot disagree. Nothing here counts, judges or predicts:
//! the numbers come from `measure`, the findings from the record. No socket, clock,
//! file or terminal: the caller says how wide the terminal is and prints the string.

pub mod catalogue;
mod cell;
mod change;
mod compare;
mod document;
mod formats;
mod headline;
mod load;
mod metrics;
mod quantity;
mod table;
mod wire;

pub use catalogue::Entry;
pub use compare::{Comparison, Difference, Pair, Unlike, compare};
pub use formats::html::COLOURS;
pub use formats::html::charts::alone::{chart, chart_names};
pub use formats::html::page::{Page, PageTable, ShareCourse, page};
pub use formats::{RenderError, Results, Style};
pub use load::{LoadError, load, load_all};
pub use wire::{WireLine, WireLog, WireOptions, wire_lines};

/// Label of every row of the table, with the name of its number.
pub fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    metrics::all().map(|metric| (metric.label, metric.number()))
}

/// Heading of every column where arms go down, which is shorter, with the name of its number.
pub fn headings() -> impl Iterator<Item = (String, &'static str)> {
    let columns = metrics::all().filter_map(|metric| Some((metric.column()?, metric.number())));
    columns.map(|(lines, number)| (lines.join(" ").trim().to_owned(), number))
}
