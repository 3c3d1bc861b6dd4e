//! One page for a browser: the table, what it shows, and a chart for each part of the story.
//!
//! A single file that works offline: no script, no font, nothing to load, and a
//! policy in its head that would not let anything be loaded. Without style sheet it still reads
//! from top to bottom. Numbers come from `measure` and rows from `table`, as in every format.

mod charts;
mod markup;
mod parts;
mod policy;
mod tables;

use measure::record::RunRecord;

use self::charts::Subject;
use self::markup::{Element, words};
use crate::compare::Comparison;
use crate::document::Document;
use crate::format::{Format, RenderError, Style};

/// For a browser, a projector, a printer.
pub(crate) struct Html;

impl Format for Html {
    fn render(&self, record: &RunRecord, _style: Style) -> Result<String, RenderError> {
        Ok(page(&Document::of_run(record), &Subject::of_run(record)))
    }

    fn render_comparison(
        &self,
        comparison: &Comparison<'_>,
        _style: Style,
    ) -> Result<String, RenderError> {
        let subjects = Subject::of_comparison(comparison);
        Ok(page(&Document::of_comparison(comparison), &subjects))
    }
}

fn page(document: &Document<'_>, subjects: &[Subject<'_>]) -> String {
    let main = Element::new("main")
        .child(parts::header(document))
        .children(document.alarms.iter().map(|alarm| parts::alarm(alarm)))
        .child(parts::results(document))
        .children(charts::all(subjects))
        .child(parts::footer(document));
    let body = Element::new("body").child(charts::patterns()).child(main);
    let html = Element::new("html").with("lang", "en").child(head(document)).child(body);
    format!("<!doctype html>\n{}", html.into_string())
}

fn head(document: &Document<'_>) -> Element {
    let named =
        |name, content: &str| Element::new("meta").with("name", name).with("content", content);
    Element::new("head")
        .child(Element::new("meta").with("charset", "utf-8"))
        .child(policy::element())
        .child(named("viewport", "width=device-width, initial-scale=1"))
        .child(named("color-scheme", "light dark"))
        .child(words("title", &document.title.join(" · ")))
        .child(policy::style())
}
