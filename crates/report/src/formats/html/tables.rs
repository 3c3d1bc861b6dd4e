//! Tables: the metrics, and the numbers beside each chart.
//!
//! A table that is wider than the screen scrolls by itself; the page does not.

use super::markup::{Element, words};
use crate::cell::{Cell, Tone};
use crate::table::{Grid, Heading, Line, Table, Trait};

pub(super) fn metrics(table: &Table, title: &str) -> Element {
    let grid = table.grid();
    let class = match (table.is_tall(), table.has_changes()) {
        (true, _) => "metrics tall",
        (false, true) => "metrics changing",
        (false, false) if table.names.len() > 2 => "metrics many",
        (false, false) => "metrics",
    };
    scrolling(title, Element::new("table").class(class).child(head(&grid)).child(body(&grid)))
}

/// Plain numbers, folded away below a chart; the first column is what the rows are about.
pub(super) fn numbers(title: &str, headings: &[String], rows: Vec<Vec<String>>) -> Element {
    let headings = headings.iter().map(|heading| column(heading, true));
    let row = |cells: Vec<String>| {
        let mut cells = cells.into_iter();
        let first = cells.next().map(|first| row_heading(&first));
        Element::new("tr").children(first).children(cells.map(|cell| words("td", &cell)))
    };
    let table = Element::new("table")
        .class("numbers")
        .child(Element::new("thead").child(Element::new("tr").children(headings)))
        .child(Element::new("tbody").children(rows.into_iter().map(row)));
    Element::new("details").child(words("summary", "Numbers")).child(scrolling(title, table))
}

// A region of its own, which a keyboard can reach and scroll.
pub(super) fn scrolling(title: &str, table: Element) -> Element {
    Element::new("div")
        .class("scroll")
        .with("role", "region")
        .with("aria-label", title)
        .with("tabindex", 0)
        .child(table)
}

pub(super) fn column(words_of: &str, is_number: bool) -> Element {
    let heading = words("th", words_of).with("scope", "col");
    if is_number { heading } else { heading.class("words") }
}

pub(super) fn row_heading(label: &str) -> Element {
    words("th", label).with("scope", "row")
}

fn head(grid: &Grid<'_>) -> Element {
    let heading = |heading: &Heading| match heading.words.join(" ").trim() {
        "" => Element::new("td"),
        name => column(name, heading.is_number),
    };
    let columns = grid.headings.len();
    let traits = grid.subheadings.iter().map(|each| subheading(each, columns));
    let names = Element::new("tr").children(grid.headings.iter().map(heading));
    Element::new("thead").child(names).children(traits)
}

fn subheading(each: &Trait, columns: usize) -> Element {
    let values = each.values.iter().map(|value| words("td", value));
    let missing = columns.saturating_sub(each.values.len() + 1);
    Element::new("tr")
        .class("trait")
        .child(row_heading(each.label))
        .children(values)
        .children((0..missing).map(|_| Element::new("td")))
}

fn body(grid: &Grid<'_>) -> Element {
    let is_number = |index: usize| grid.headings.get(index).is_none_or(|h| h.is_number);
    let line = |line: &Line| {
        let mut cells = line.cells.iter().enumerate();
        let first = cells.next().map(|(_, first)| row_heading(&first.text));
        let row = Element::new("tr").children(first).children(cells.map(|(index, each)| {
            // Where a narrow screen stacks the cells of a row, each says what it is.
            let heading = grid.headings.get(index).map(|h| h.words.join(" "));
            cell(each, is_number(index)).with("data-label", heading.unwrap_or_default())
        }));
        if line.detail_of.is_some() { row.class("detail") } else { row }
    };
    Element::new("tbody").children(grid.lines.iter().map(line))
}

fn cell(Cell { text, note, tone }: &Cell, is_number: bool) -> Element {
    let tone = match tone {
        Tone::Plain => "",
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Faint => "faint",
    };
    let classes = [if is_number { "" } else { "words" }, tone].join(" ");
    let cell = match classes.trim() {
        "" => Element::new("td"),
        classes => Element::new("td").class(classes),
    };
    let note = note.as_deref().map(|note| words("span", &format!(" {note}")).class("of"));
    cell.text(text).children(note)
}
