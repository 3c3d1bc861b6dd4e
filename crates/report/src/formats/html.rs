//! One page for a browser: the table, what it shows, and a chart for each part of the story.
//!
//! A single file that works offline: no script, no font, nothing to load, and a
//! policy in its head that would not let anything be loaded. Without style sheet it still reads
//! from top to bottom. Numbers come from `measure` and rows from `table`, as in every format.

pub(crate) mod charts;
mod markup;
pub(crate) mod page;
mod parts;
mod tables;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use self::markup::{Element, words};
use crate::document::Document;
use crate::formats::Results;

const SHEET: &str = concat!(
    include_str!("html/light.css"),
    include_str!("html/dark.css"),
    include_str!("html/style.css"),
    include_str!("html/charts.css"),
);

/// Colours of pages as CSS variables, by day and by night: `--paper`, `--ink`, and one for each verdict.
pub const COLOURS: &str = concat!(include_str!("html/light.css"), include_str!("html/dark.css"));

/// For a browser, a projector, a printer.
pub(crate) fn render(results: Results<'_>) -> String {
    let document = &Document::of(results);
    let main = Element::new("main")
        .child(parts::header(document))
        .children(document.alarms.iter().map(|alarm| parts::alarm(alarm)))
        .child(parts::results(document))
        .children(charts::sections(&charts::subjects(results)))
        .child(parts::footer(document));
    let body = Element::new("body").child(charts::patterns()).child(main);
    let html = Element::new("html")
        .with("lang", "en")
        .child(head(&document.title.join(" · ")))
        .child(body);
    format!("<!doctype html>\n{}", html.into_string())
}

fn head(title: &str) -> Element {
    // Nothing may be loaded, run, framed or sent. Our style sheet is allowed by its hash, so that a
    // style that slipped in from a name would do nothing (W3C CSP Level 3).
    let hash = BASE64_STANDARD.encode(Sha256::digest(SHEET));
    let policy = Element::new("meta").with("http-equiv", "Content-Security-Policy").with(
        "content",
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
        ),
    );
    let named =
        |name, content: &str| Element::new("meta").with("name", name).with("content", content);
    Element::new("head")
        .child(Element::new("meta").with("charset", "utf-8"))
        .child(policy)
        .child(named("viewport", "width=device-width, initial-scale=1"))
        .child(named("color-scheme", "light dark"))
        .child(words("title", title))
        .child(Element::style(SHEET))
}
