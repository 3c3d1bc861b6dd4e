//! Colour for the terminal, or none: an addition to words and marks that say the same.

use anstyle::{AnsiColor, Effects, Style};

use crate::table::Tone;

/// Whether there is colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ink(pub(super) bool);

impl Ink {
    pub(super) fn plain(self, text: &str) -> String {
        self.paint(Style::new(), text)
    }

    pub(super) fn strong(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    pub(super) fn faint(self, text: &str) -> String {
        self.paint(Style::new().effects(Effects::DIMMED), text)
    }

    pub(super) fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    pub(super) fn warn(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default().bold(), text)
    }

    pub(super) fn bad(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    pub(super) fn toned(self, tone: Tone, text: &str) -> String {
        match tone {
            Tone::Plain => self.plain(text),
            Tone::Good => self.good(text),
            Tone::Bad => self.bad(text),
            Tone::Faint => self.faint(text),
        }
    }

    fn paint(self, style: Style, text: &str) -> String {
        if !self.0 || style.is_plain() || text.is_empty() {
            return text.to_owned();
        }
        format!("{style}{text}{style:#}")
    }
}
