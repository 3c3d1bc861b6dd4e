//! A page of another kind than a run: a title, tables, findings and a share over time, drawn with the
//! parts of every page.

use measure::record::FindingRecord;

use super::charts::frame::{Frame, label, path, picture};
use super::markup::{Element, number, words};
use super::{charts, head, parts, tables};

/// Content of the page. Strings are as they came.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Title.
    pub title: String,
    /// Sentence below it.
    pub lead: String,
    /// What was looked at, in few words each.
    pub setup: Vec<String>,
    /// Tables with their titles.
    pub tables: Vec<PageTable>,
    /// Findings, worst first; `arm` is what each is about.
    pub findings: Vec<FindingRecord>,
    /// A share over time; `None` where there is no time.
    pub course: Option<ShareCourse>,
    /// Sentences below the tables.
    pub notes: Vec<String>,
}

/// A table of words and numbers.
#[derive(Clone, Debug, Default)]
pub struct PageTable {
    /// Title.
    pub title: String,
    /// Headings; the first column is what the rows are about.
    pub headings: Vec<String>,
    /// Cells, as many in each row as there are headings.
    pub rows: Vec<Vec<String>>,
}

/// A share in each stretch of time.
#[derive(Clone, Debug, Default)]
pub struct ShareCourse {
    /// Title.
    pub title: String,
    /// Names of the first and the last moment.
    pub ends: [String; 2],
    /// Shares, `0.0..=1.0`; `None` where nothing was counted.
    pub shares: Vec<Option<f64>>,
}

/// The page for a browser.
pub fn page(page: &Page) -> String {
    let header = Element::new("header")
        .child(words("h1", &page.title))
        .child(words("p", &page.lead).class("lead"))
        .children(parts::setup(&page.setup));
    let notes = page.notes.iter().map(|note| words("p", note).class("note"));
    let list =
        Element::new("ul").class("findings").children(page.findings.iter().map(parts::finding));
    let findings = Element::new("section").child(words("h2", "What it shows")).child(list);
    let main = Element::new("main")
        .child(header)
        .child(findings)
        .children(page.course.as_ref().map(course))
        .children(page.tables.iter().map(table))
        .children(notes);
    let body = Element::new("body").child(charts::patterns()).child(main);
    let html = Element::new("html").with("lang", "en").child(head(&page.title)).child(body);
    format!("<!doctype html>\n{}", html.into_string())
}

fn table(PageTable { title, headings, rows }: &PageTable) -> Element {
    let heading = |(index, heading): (usize, &String)| tables::column(heading, index > 0);
    let row = |cells: &Vec<String>| {
        let first = cells.first().map(|first| tables::row_heading(first));
        let rest = cells.iter().skip(1).map(|cell| words("td", cell));
        Element::new("tr").children(first).children(rest)
    };
    let headings = Element::new("tr").children(headings.iter().enumerate().map(heading));
    let table = Element::new("table")
        .class("metrics")
        .child(Element::new("thead").child(headings))
        .child(Element::new("tbody").children(rows.iter().map(row)));
    Element::new("section").child(words("h2", title)).child(tables::scrolling(title, table))
}

fn course(course: &ShareCourse) -> Element {
    const HEIGHT: f64 = 206.0;
    let frame = Frame::USUAL;
    let last = course.shares.len().saturating_sub(1).max(1) as f64;
    let mut line = String::new();
    let mut is_open = false;
    for (index, share) in course.shares.iter().enumerate() {
        let Some(share) = share else {
            is_open = false;
            continue;
        };
        let command = if is_open { "L" } else { "M" };
        let (x, y) = (frame.x(index as f64 / last), frame.y(*share));
        // A stretch that stands alone is a short line.
        line.extend([format!("{command}{} {}h0.1", number(x), number(y))]);
        is_open = true;
    }
    let ticks = [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")];
    let [first, end] = &course.ends;
    let svg = picture("course", HEIGHT, &course.title, &format!("from {first} to {end}"))
        .children(ticks.map(|(share, name)| frame.tick_y(share, name)))
        .child(label(frame.left, frame.bottom + 16.0, "start", first))
        .child(label(frame.right, frame.bottom + 31.0, "end", end))
        .child(path(&line).class("read"));
    let figure = Element::new("figure").child(svg);
    let figures = Element::new("div").class("figures one").child(figure);
    Element::new("section").child(words("h2", &course.title)).child(figures)
}
