//! The charts, each with its title, its picture, how to read it, and its numbers as a table.
//!
//! Drawn here as SVG, without a library. A picture is as wide as a telephone (360 units) and
//! grows with its place, so that its letters never shrink below their size.

mod bytes;
mod frame;
mod latency;
mod meaning;
mod rounds;
mod scale;
mod tags;

use measure::record::{ArmRecord, RunRecord, ScenarioRecord};

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

type Chart = fn(&[Subject<'_>]) -> Option<Element>;

/// Every chart, with its row on the page: of one arm, and of several.
// Charts of a single figure are side by side; with several arms a chart has a figure for each.
const CHARTS: [(Chart, [usize; 2]); 5] = [
    (rounds::section, [0, 0]),
    (tags::section, [1, 1]),
    (bytes::section, [0, 2]),
    (scale::section, [3, 3]),
    (latency::section, [3, 3]),
];

pub(super) fn all(subjects: &[Subject<'_>]) -> Vec<Element> {
    let several = usize::from(subjects.len() != 1);
    let row = |row: usize| {
        let charts = CHARTS.iter().filter(|(_, rows)| rows[several] == row);
        let sections: Vec<_> = charts.filter_map(|(section, _)| section(subjects)).collect();
        match sections.len() {
            0 | 1 => sections,
            _ => vec![Element::new("div").class("beside").children(sections)],
        }
    };
    (0..4).flat_map(row).collect()
}

/// A section: what is shown, how to read it, the figures; `room` says how much a figure needs.
fn section(title: &str, reading: &str, figures: Vec<Element>, room: &str) -> Element {
    let class =
        if figures.len() == 1 { "figures one".to_owned() } else { format!("figures {room}") };
    Element::new("section")
        .class("chart")
        .child(words("h2", title))
        .child(words("p", reading).class("reading"))
        .child(Element::new("div").class(class.trim_end()).children(figures))
}

fn figure(name: &str, number: &str) -> Element {
    let caption = Element::new("figcaption")
        .child(words("b", name))
        .text(" ")
        .child(words("span", number).class("of"));
    Element::new("figure").child(caption)
}
