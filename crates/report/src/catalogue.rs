//! The report formats by name; the only place where a format's name is a string.
//!
//! To add one: a file in `formats/`, and its line here.

use crate::formats::{RenderError, Results, Style, csv, html, json, markdown, openmetrics, text};

/// One format as the command line offers it.
#[derive(Debug)]
pub struct Entry {
    /// Value of `--format`.
    pub name: &'static str,
    /// One line for `list` and the help text.
    pub summary: &'static str,
    /// File name extension without the dot.
    pub extension: &'static str,
    /// Writes results. The text ends with a line feed and holds no control character but line
    /// feeds and, when [`Style::color`] is set, the colours of this crate.
    pub render: fn(Results<'_>, Style) -> Result<String, RenderError>,
}

/// Every format, the default first.
pub static FORMATS: &[Entry] = &[
    Entry {
        name: "text",
        summary: "A table for the terminal, with what it shows below.",
        extension: "txt",
        render: |results, style| Ok(text::render(results, style)),
    },
    Entry {
        name: "markdown",
        summary: "A table to paste, with the command that reproduces it.",
        extension: "md",
        render: |results, _| Ok(markdown::render(results)),
    },
    Entry {
        name: "csv",
        summary: "One row per arm, plain numbers.",
        extension: "csv",
        render: |results, _| csv::render(results),
    },
    Entry {
        name: "json",
        summary: "The whole record, to render again later.",
        extension: "json",
        render: |results, _| json::render(results),
    },
    Entry {
        name: "html",
        summary: "One page for a browser, with charts; it works offline.",
        extension: "html",
        render: |results, _| Ok(html::render(results)),
    },
    Entry {
        name: "openmetrics",
        summary: "Counters as series in time, for Prometheus.",
        extension: "om",
        render: |results, _| Ok(openmetrics::render(results)),
    },
];

/// The format of this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    FORMATS.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_own_name_and_no_other() {
        for entry in FORMATS {
            let found = find(entry.name).expect("a listed name");
            assert!(std::ptr::eq(found, entry), "{} stands twice", entry.name);
            assert!(!entry.summary.is_empty() && !entry.extension.starts_with('.'));
        }
        assert!(find("Text").is_none() && find("").is_none());
    }
}
