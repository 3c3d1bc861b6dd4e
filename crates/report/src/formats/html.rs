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

use self::markup::{Element, words};
use crate::document::Document;
use crate::formats::{RenderError, Results, Style};

/// For a browser, a projector, a printer.
pub(crate) fn render(results: Results<'_>, _: Style) -> Result<String, RenderError> {
    let document = &Document::of(results);
    let main = Element::new("main")
        .child(parts::header(document))
        .children(document.alarms.iter().map(|alarm| parts::alarm(alarm)))
        .child(parts::results(document))
        .children(charts::all(&charts::subjects(results)))
        .child(parts::footer(document));
    let body = Element::new("body").child(charts::patterns()).child(main);
    let html = Element::new("html").with("lang", "en").child(head(document)).child(body);
    Ok(format!("<!doctype html>\n{}", html.into_string()))
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
