//! One place of the table: finished words, but as they came. Formats neutralise, align and wrap them.

use crate::quantity::NOTHING;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// Its parts, such as `480/490`; left out where room is scarce.
    pub(crate) note: Option<String>,
    pub(crate) tone: Tone,
}

// Colour by meaning; the words say the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Good,
    Bad,
    Faint,
}

impl Cell {
    pub(crate) fn new(text: String) -> Self {
        Self { text, ..Self::default() }
    }

    /// A value that may not have been measured.
    pub(crate) fn maybe(text: Option<String>) -> Self {
        text.map_or_else(|| Self::new(NOTHING.to_owned()).tone(Tone::Faint), Self::new)
    }

    pub(crate) fn tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    pub(crate) fn note(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }
}
