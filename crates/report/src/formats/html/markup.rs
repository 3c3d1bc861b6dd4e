//! Elements of HTML and SVG as values, so that no text gets into a page without being escaped.
//!
//! Names of elements and attributes are ours; everything else passes the neutraliser.

use std::fmt::Display;

use text::html::escape;

// A line feed after one of these would be shown as a space.
const INLINE: [&str; 7] = ["b", "code", "span", "strong", "td", "th", "tspan"];

/// Elements without content or end tag.
const VOID: [&str; 1] = ["meta"];

// Text enters a page only through `text` and `with`, which escape it: a new chart cannot forget it.
#[derive(Clone, Debug)]
pub(super) struct Element {
    name: &'static str,
    attributes: String,
    content: String,
}

impl Element {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, attributes: String::new(), content: String::new() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        let value = escape(&value.to_string());
        self.attributes.extend([" ", name, "=\"", &value, "\""]);
        self
    }

    pub(super) fn class(self, class: impl Display) -> Self {
        self.with("class", class)
    }

    pub(super) fn text(mut self, words: &str) -> Self {
        self.content.push_str(&escape(words));
        self
    }

    pub(super) fn child(mut self, child: Self) -> Self {
        self.content.push_str(&child.into_string());
        self
    }

    pub(super) fn children(self, children: impl IntoIterator<Item = Self>) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// A style sheet of ours, which is not escaped.
    pub(super) fn style(sheet: impl Into<String>) -> Self {
        Self { content: sheet.into(), ..Self::new("style") }
    }

    pub(super) fn into_string(self) -> String {
        let Self { name, attributes, content } = self;
        if VOID.contains(&name) {
            return format!("<{name}{attributes}>\n");
        }
        let end = if INLINE.contains(&name) { "" } else { "\n" };
        format!("<{name}{attributes}>{content}</{name}>{end}")
    }
}

pub(super) fn words(name: &'static str, words: &str) -> Element {
    Element::new(name).text(words)
}

/// A coordinate: at most one decimal, and always a number.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let rounded = format!("{value:.1}");
    let rounded = rounded.strip_suffix(".0").unwrap_or(&rounded);
    if rounded == "-0" { "0".to_owned() } else { rounded.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped_and_elements_are_not() {
        let element = Element::new("p")
            .with("title", "\"><script>")
            .text("a < b ")
            .child(words("b", "c & d"));
        assert_eq!(
            element.into_string(),
            "<p title=\"&quot;&gt;&lt;script&gt;\">a &lt; b <b>c &amp; d</b></p>\n"
        );
    }

    #[test]
    fn coordinates_are_short_and_finite() {
        let shown = [1.0, 12.34, -0.01, f64::NAN, f64::INFINITY].map(number);
        assert_eq!(shown, ["1", "12.3", "0", "0", "0"]);
    }
}
