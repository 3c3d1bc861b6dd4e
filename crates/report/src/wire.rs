//! The log of a run as it was on the wire: in the style of `curl -v`, or as HAR 1.2.
//!
//! ```text
//! ArmTranscript ─► story (which exchanges) ─► text     `>` and `<` lines word for word
//!               └► every exchange ──────────► har      for a browser's developer tools
//! ```
//!
//! What a line of the text starts with says what it is: `>` was sent, `<` was received, `|` is
//! content, `*` is a note; everything else is about the arm. Octets that are no UTF-8 and
//! characters that act unseen are spelled out in the text; HAR keeps them all.
//! Selects and shows; the only counts made here are of what is shown.

mod captions;
mod ending;
mod har;
mod message;
mod story;
mod text;

use measure::ArmTranscript;
use measure::record::RunRecord;

use crate::formats::{RenderError, Style};

/// The captured exchanges, and the record of the same run.
#[derive(Clone, Copy, Debug)]
pub struct WireLog<'a> {
    /// Settings and counts of the run.
    pub record: &'a RunRecord,
    /// The arms to show.
    pub arms: &'a [&'a ArmTranscript],
}

/// Options of the text.
#[derive(Clone, Copy, Debug, Default)]
pub struct WireOptions {
    /// Every exchange, instead of one for each replica.
    pub all: bool,
    /// Octets of each content.
    pub content_bytes: usize,
}

impl WireLog<'_> {
    /// The log for people, in the style of `curl -v`.
    pub fn text(&self, options: WireOptions, style: Style) -> String {
        text::render(self, options, style)
    }

    /// Every exchange as HAR 1.2.
    pub fn har(&self) -> Result<String, RenderError> {
        let document = har::Har::of(self);
        let mut json = serde_json::to_string_pretty(&document)?;
        json.push('\n');
        Ok(::text::json::escape(&json))
    }
}
