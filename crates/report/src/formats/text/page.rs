//! Lines for a terminal: wrapped, and coloured or not. Colour only adds to words and marks that say
//! the same.

use anstyle::{AnsiColor, Style};

use crate::cell::Tone;
use crate::formats::Style as Place;
use text::{visible, width, wrap};

// Narrower than this a table is only a heap of letters.
const NARROWEST: usize = 40;

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// True when the output is coloured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ink(pub(crate) bool);

impl Ink {
    pub(crate) fn toned(self, tone: Tone, text: &str) -> String {
        let style = match tone {
            Tone::Plain => PLAIN,
            Tone::Good => GOOD,
            Tone::Bad => BAD,
            Tone::Faint => FAINT,
        };
        self.paint(style, text)
    }

    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        // Codes around nothing would still be bytes in a file and a cell that is not empty.
        if !self.0 || style.is_plain() || text.is_empty() {
            return text.to_owned();
        }
        format!("{style}{text}{style:#}")
    }
}

pub(crate) struct Page {
    pub(crate) lines: Vec<String>,
    pub(crate) ink: Ink,
    pub(crate) columns: usize,
}

impl Page {
    pub(crate) fn new(place: Place) -> Self {
        let columns = place.width.max(NARROWEST);
        Self { lines: Vec::new(), ink: Ink(place.color), columns }
    }

    /// Wrapped text, each line after `lead`; no line for empty text.
    pub(crate) fn paragraph(&mut self, lead: &str, text: &str, style: Style) {
        if text.is_empty() {
            return;
        }
        for line in wrap(&visible(text), self.columns - width(lead)) {
            self.lines.push(format!("{lead}{}", self.ink.paint(style, &line)));
        }
    }
}
