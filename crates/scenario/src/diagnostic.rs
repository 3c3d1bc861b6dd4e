//! A message with a place: what is wrong, where, and the way out; in the style of rustc.
//!
//! Prints nothing: [`Diagnostic::render`] returns the text. Whatever came from outside may hold
//! terminal escapes, which are neutralised here, and credentials, which are masked.

use std::fmt;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};

use crate::source::Place;
use text::secret::covered;

/// A name or value from outside, fit to stand in a message.
pub use text::excerpt as shown;

/// Result of checking a scenario. Boxed, because a diagnostic is large and errors are rare.
pub type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// Severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing runs.
    Error,
    /// The run may mislead.
    Warning,
    /// Worth knowing.
    Note,
}

/// One message. Displays as plain text; see [`Diagnostic::render`] for colour.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Severity of a diagnostic.
    pub severity: Severity,
    /// Stable code, such as `ETL014`.
    pub code: Option<&'static str>,
    /// One line, lower case, without a full stop.
    pub title: String,
    /// Place, with the label beside the carets.
    pub place: Option<(Place, String)>,
    /// Other places that have to do with it.
    pub related: Vec<(Place, String)>,
    /// Lines after the snippet, in order.
    pub remarks: Vec<Remark>,
}

/// One line below the snippet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Effect of leaving it so.
    Effect(String),
    /// The way out.
    Help(String),
    /// Background.
    Note(String),
}

impl Diagnostic {
    /// Something that keeps the scenario from running.
    pub fn error(title: impl Into<String>) -> Self {
        Self::new(Severity::Error, None, title)
    }

    /// Something that makes the result misleading.
    pub fn warning(code: &'static str, title: impl Into<String>) -> Self {
        Self::new(Severity::Warning, Some(code), title)
    }

    /// Something worth knowing.
    pub fn note(title: impl Into<String>) -> Self {
        Self::new(Severity::Note, None, title)
    }

    fn new(severity: Severity, code: Option<&'static str>, title: impl Into<String>) -> Self {
        let (place, related, remarks) = (None, Vec::new(), Vec::new());
        Self { severity, code, title: title.into(), place, related, remarks }
    }

    /// Points at a place; nothing where there is none.
    #[must_use]
    pub fn at(mut self, place: impl Into<Option<Place>>, label: impl Into<String>) -> Self {
        self.place = place.into().map(|place| (place, label.into()));
        self
    }

    /// Points at another place that has to do with it.
    #[must_use]
    pub fn related(mut self, place: impl Into<Option<Place>>, label: impl Into<String>) -> Self {
        self.related.extend(place.into().map(|place| (place, label.into())));
        self
    }

    /// Adds what happens if it stays so.
    #[must_use]
    pub fn effect(mut self, text: impl Into<String>) -> Self {
        self.remarks.push(Remark::Effect(text.into()));
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.remarks.push(Remark::Help(text.into()));
        self
    }

    /// Adds background.
    #[must_use]
    pub fn remark(mut self, text: impl Into<String>) -> Self {
        self.remarks.push(Remark::Note(text.into()));
        self
    }

    /// As text of several lines without a line break at the end.
    pub fn render(&self, color: bool) -> String {
        let title = self.severity.level().primary_title(neutral(&self.title));
        let title = match self.code {
            Some(code) => title.id(code),
            None => title,
        };
        let mut group = Group::with_title(title);
        for places in self.by_source() {
            group = with_places(group, &places);
        }
        let group = group.elements(self.remarks.iter().map(Remark::message));
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let text = renderer.term_width(100).render(&[group]);
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    /// Places in one source share a snippet; every other one has its own.
    fn by_source(&self) -> Vec<Vec<(AnnotationKind, &Place, &str)>> {
        let Some((main, label)) = &self.place else { return Vec::new() };
        let mut snippets = vec![vec![(AnnotationKind::Primary, main, label.as_str())]];
        for (place, label) in &self.related {
            let place = (AnnotationKind::Context, place, label.as_str());
            if place.1.source() == main.source() {
                snippets[0].push(place);
            } else {
                snippets.push(vec![place]);
            }
        }
        snippets
    }
}

fn with_places<'a>(group: Group<'a>, places: &[(AnnotationKind, &'a Place, &'a str)]) -> Group<'a> {
    let source = places[0].1.source();
    let annotation = |(kind, place, label): &(AnnotationKind, &Place, &str)| {
        Some(kind.span(place.span()?).label(neutral(label)))
    };
    let annotations: Vec<Annotation<'a>> = places.iter().filter_map(annotation).collect();
    let name = neutral(&text::visible(source.name()));
    if annotations.is_empty() {
        return group.element(Origin::path(name));
    }
    let snippet = Snippet::source(same_length(&covered(source.text()))).path(name);
    let snippet = snippet.line_numbering(!source.is_command_line());
    group.element(snippet.annotations(annotations))
}

impl Severity {
    fn level(self) -> Level<'static> {
        match self {
            Self::Error => Level::ERROR,
            Self::Warning => Level::WARNING,
            Self::Note => Level::NOTE,
        }
    }
}

impl Remark {
    fn message(&self) -> annotate_snippets::Message<'_> {
        let (level, text) = match self {
            Self::Effect(text) => (Level::INFO.with_name("effect"), text),
            Self::Help(text) => (Level::HELP, text),
            Self::Note(text) => (Level::NOTE, text),
        };
        level.message(neutral(text))
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostic {}

/// Escapes made visible; line breaks stay.
fn neutral(text: &str) -> String {
    normalize_untrusted_str(&same_length(text))
}

// Hidden characters that the renderer would pass on become visible ones of the same length, so that
// byte offsets keep their meaning. Controls of one byte are the renderer's work.
fn same_length(text: &str) -> String {
    let replace = |c: char| match (text::is_hidden(c), c.len_utf8()) {
        (true, 2) => '\u{b7}',
        (true, 3) => '\u{fffd}',
        (true, 4) => '\u{1f5f5}',
        _ => c,
    };
    text.chars().map(replace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[test]
    fn nothing_from_outside_reaches_the_terminal_as_a_control_character() {
        let hostile: String = (0..=0x9f_u8)
            .map(char::from)
            .chain("\u{202e}\u{2028}\u{feff}\u{e0041}".chars())
            .collect();
        let source = Source::file(hostile.clone(), format!("a = \"{hostile}\""));
        let whole = 0..source.text().len();
        let rendered = Diagnostic::error(hostile.clone())
            .at(Place::new(&source, whole), hostile.clone())
            .help(hostile.clone())
            .render(false);
        let leaked: Vec<_> =
            rendered.chars().filter(|&c| text::is_hidden(c) && c != '\n').collect();
        assert_eq!(leaked, Vec::<char>::new());
        assert!(!shown(&hostile).contains(|c: char| c.is_control()));
    }

    #[test]
    fn the_sample_of_the_product_page_is_reproduced() {
        let source = Source::file("scenario.toml", "\n\n\n\n\nclients = 12\n");
        let rendered = Diagnostic::warning("ETL014", "12 clients is a multiple of 3 replicas")
            .at(
                Place::new(&source, 15..17),
                "in lock-step each client always meets the same replica",
            )
            .effect("node-local tags look healthy (predicted 98.0 %)")
            .help("clients = 10, or cadence = \"shuffled\"")
            .render(false);
        insta::assert_snapshot!(rendered, @r#"
        warning[ETL014]: 12 clients is a multiple of 3 replicas
         --> scenario.toml:6:11
          |
        6 | clients = 12
          |           ^^ in lock-step each client always meets the same replica
          |
          = effect: node-local tags look healthy (predicted 98.0 %)
          = help: clients = 10, or cadence = "shuffled"
        "#);
    }
}
