//! Colour for the terminal, or none: an addition to words and marks that say the same.

use anstyle::{AnsiColor, Effects, Style};

use crate::cell::Tone;

/// True when the output is coloured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ink(pub(crate) bool);

impl Ink {
    pub(crate) fn plain(self, text: &str) -> String {
        self.paint(Style::new(), text)
    }

    pub(crate) fn strong(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    pub(crate) fn faint(self, text: &str) -> String {
        self.paint(Style::new().effects(Effects::DIMMED), text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    pub(crate) fn warn(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default().bold(), text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    pub(crate) fn toned(self, tone: Tone, text: &str) -> String {
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
