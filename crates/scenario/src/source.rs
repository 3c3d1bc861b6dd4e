//! The texts that values come from, and places in them.

use std::ops::Range;
use std::sync::Arc;

/// A text that values came from: a file, a built-in scenario or the command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
    pub(crate) kind: SourceKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceKind {
    File,
    BuiltIn,
    CommandLine,
}

impl Source {
    /// A file by its path and what it holds.
    pub fn file(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into(), kind: SourceKind::File })
    }

    pub(crate) fn built_in(name: &str, text: &str) -> Arc<Self> {
        let name = format!("<built-in>/{name}.toml");
        Arc::new(Self { name, text: text.to_owned(), kind: SourceKind::BuiltIn })
    }

    /// The part of the command line that matters, as the user typed it, on one line.
    pub(crate) fn command_line(text: &str) -> Arc<Self> {
        // A snippet of several lines would look like a file.
        let (name, text) = ("command line".to_owned(), text.replace(['\n', '\r'], " "));
        Arc::new(Self { name, text, kind: SourceKind::CommandLine })
    }

    /// Path of the file, or what stands for it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_command_line(&self) -> bool {
        self.kind == SourceKind::CommandLine
    }
}

/// A stretch of a source, or the source as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    source: Arc<Source>,
    span: Option<Range<usize>>,
}

impl Place {
    /// These bytes of the text, cut to what there is.
    pub fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        // Offsets may come from a parser that counts in other units, and a message must never
        // panic.
        let end = floor_char_boundary(source.text(), span.end);
        let start = floor_char_boundary(source.text(), span.start.min(end));
        Self { source: Arc::clone(source), span: Some(start..end) }
    }

    /// No stretch in particular.
    pub fn whole(source: &Arc<Source>) -> Self {
        Self { source: Arc::clone(source), span: None }
    }

    /// The text it lies in.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Byte offsets; `None` for the source as a whole.
    pub fn span(&self) -> Option<Range<usize>> {
        self.span.clone()
    }

    /// The part of a string value that holds `part` of its `content`.
    ///
    /// The whole value where the text spells the content differently (escapes, line breaks).
    pub(crate) fn within(&self, content: &str, part: Range<usize>) -> Self {
        let Some(span) = self.span.clone() else { return self.clone() };
        match self.source.text[span.clone()].find(content) {
            Some(offset) if !content.is_empty() => {
                let start = span.start + offset;
                Self::new(&self.source, start + part.start..start + part.end)
            }
            _ => self.clone(),
        }
    }
}

fn floor_char_boundary(text: &str, index: usize) -> usize {
    let index = index.min(text.len());
    (0..=index).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_value_is_found_inside_its_quotes() {
        let source = Source::file("s.toml", "that = \"polls == 1\"");
        let value = Place::new(&source, 7..19);
        assert_eq!(value.within("polls == 1", 6..8).span(), Some(14..16));
        assert_eq!(value.within("spelled otherwise", 6..8).span(), Some(7..19));
    }

    #[test]
    fn a_place_never_leaves_its_text_nor_splits_a_character() {
        let source = Source::file("s.toml", "ä");
        assert_eq!(Place::new(&source, 1..99).span(), Some(0..2));
    }
}
