//! The charts, each with its title, its picture, how to read it, and its numbers as a table.
//!
//! Drawn here as SVG, without a library. A picture is as wide as a telephone (360 units) and
//! grows with its place, so that its letters never shrink below their size.

pub(crate) mod alone;
mod bytes;
mod counts;
pub(super) mod frame;
mod latency;
mod meaning;
mod rounds;
mod scale;
mod tags;

use measure::record::{ArmRecord, RunRecord, ScenarioRecord};

use self::meaning::VerdictStyle;
use super::markup::{Element, words};
use crate::formats::Results;

pub(super) use meaning::patterns;

pub(super) struct Subject<'a> {
    /// Its name; with that of its run where there are two.
    name: String,
    arm: &'a ArmRecord,
    scenario: &'a ScenarioRecord,
}

/// The arms of a run, or those of two runs with what belongs together side by side.
pub(super) fn subjects(results: Results<'_>) -> Vec<Subject<'_>> {
    fn subject<'a>(run: &str, arm: &'a ArmRecord, record: &'a RunRecord) -> Subject<'a> {
        Subject { name: format!("{run}{}", arm.name), arm, scenario: &record.scenario }
    }
    match results {
        Results::Run(record) => record.arms.iter().map(|arm| subject("", arm, record)).collect(),
        Results::Comparison(both) => both
            .pairs
            .iter()
            .flat_map(|pair| [subject("A ", pair.a, both.a), subject("B ", pair.b, both.b)])
            .collect(),
    }
}

/// A chart: what it shows, how to read it, and a figure for each arm or one for all.
struct Chart {
    title: &'static str,
    reading: String,
    figures: Vec<Figure>,
    /// Class that says how much room a figure needs; mostly empty.
    room: &'static str,
    /// Meanings of the areas in its pictures.
    legend: Vec<&'static VerdictStyle>,
}

struct Figure {
    name: String,
    about: String,
    picture: Option<Picture>,
    /// Below the picture: its numbers, or a table in its place.
    below: Vec<Element>,
}

struct Picture {
    svg: Element,
    /// Height at a width of [`frame::WIDTH`].
    height: f64,
}

type Draw = fn(&[Subject<'_>]) -> Option<Chart>;

struct Entry {
    /// Name by which it is asked for alone; `None` for a table, which is no picture.
    name: Option<&'static str>,
    summary: &'static str,
    draw: Draw,
    /// Its row on the page: of one arm, and of several.
    rows: [usize; 2],
}

const SCALE: &str = "304 rate against the number of replicas, with the 1/N curve";

/// Every chart. What a run is about comes first.
// Charts of a single figure are side by side; with several arms a chart has a figure for each.
static CHARTS: [Entry; 8] = [
    Entry::new("source", "What reaches the source of a control plane", counts::source, [0, 0]),
    Entry::new("queries", "What the database is asked", counts::queries, [0, 0]),
    Entry::new("scale", SCALE, scale::of_sizes, [0, 0]),
    Entry::new("rounds", "How each round of polls was answered", rounds::chart, [1, 1]),
    Entry { name: None, ..Entry::new("", "", tags::chart, [2, 2]) },
    Entry::new("bytes", "Bytes to the clients, summed up", bytes::chart, [1, 3]),
    Entry::new("scale", SCALE, scale::of_one_size, [4, 4]),
    Entry::new("latency", "Latency of 200s and 304s", latency::chart, [4, 4]),
];

impl Entry {
    const fn new(name: &'static str, summary: &'static str, draw: Draw, rows: [usize; 2]) -> Self {
        Self { name: Some(name), summary, draw, rows }
    }
}

pub(super) fn sections(subjects: &[Subject<'_>]) -> Vec<Element> {
    let several = usize::from(subjects.len() != 1);
    let row = |row: usize| {
        let charts = CHARTS.iter().filter(|chart| chart.rows[several] == row);
        let sections: Vec<_> = charts.filter_map(|chart| (chart.draw)(subjects)).collect();
        match sections.len() {
            0 | 1 => sections.into_iter().map(Chart::section).collect(),
            _ => {
                let sections = sections.into_iter().map(Chart::section);
                vec![Element::new("div").class("beside").children(sections)]
            }
        }
    };
    (0..5).flat_map(row).collect()
}

impl Chart {
    fn new(title: &'static str, reading: impl Into<String>, figures: Vec<Figure>) -> Self {
        Self { title, reading: reading.into(), figures, room: "", legend: Vec::new() }
    }

    fn section(self) -> Element {
        let room = if self.figures.len() == 1 { "one" } else { self.room };
        let figures = self.figures.into_iter().map(Figure::element);
        let legend = (!self.legend.is_empty()).then(|| meaning::legend(&self.legend));
        Element::new("section")
            .class("chart")
            .child(words("h2", self.title))
            .child(words("p", &self.reading).class("reading"))
            .child(
                Element::new("div").class(format!("figures {room}").trim_end()).children(figures),
            )
            .children(legend)
    }
}

impl Figure {
    fn new(name: &str, about: &str) -> Self {
        let [name, about] = [name, about].map(str::to_owned);
        Self { name, about, picture: None, below: Vec::new() }
    }

    fn picture(self, svg: Element, height: f64) -> Self {
        Self { picture: Some(Picture { svg, height }), ..self }
    }

    fn below(mut self, elements: impl IntoIterator<Item = Element>) -> Self {
        self.below.extend(elements);
        self
    }

    fn element(self) -> Element {
        let caption = Element::new("figcaption")
            .child(words("b", &self.name))
            .text(" ")
            .child(words("span", &self.about).class("of"));
        Element::new("figure")
            .child(caption)
            .children(self.picture.map(|picture| picture.svg))
            .children(self.below)
    }
}
