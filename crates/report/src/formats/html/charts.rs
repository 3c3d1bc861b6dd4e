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

/// Every chart that has something to show; those of a single figure are side by side.
pub(super) fn all(subjects: &[Subject<'_>]) -> Vec<Element> {
    let (rounds, bytes): (Chart, Chart) = (rounds::section, bytes::section);
    let last: &[Chart] = &[scale::section, latency::section];
    let groups: &[&[Chart]] = match subjects {
        [_] => &[&[rounds, bytes], &[tags::section], last],
        _ => &[&[rounds], &[tags::section], &[bytes], last],
    };
    groups.iter().flat_map(|group| side_by_side(group, subjects)).collect()
}

fn side_by_side(group: &[Chart], subjects: &[Subject<'_>]) -> Vec<Element> {
    let sections: Vec<_> = group.iter().filter_map(|section| section(subjects)).collect();
    match sections.len() {
        0 | 1 => sections,
        _ => vec![Element::new("div").class("beside").children(sections)],
    }
}

/// A section: what is shown, how to read it, the figures.
fn section(title: &str, reading: &str, figures: Vec<Element>) -> Element {
    arranged(title, reading, figures, "")
}

/// The same, with a class that says how much room a figure needs.
fn arranged(title: &str, reading: &str, figures: Vec<Element>, room: &str) -> Element {
    let class =
        if figures.len() == 1 { "figures one".to_owned() } else { format!("figures {room}") };
    Element::new("section")
        .class("chart")
        .child(words("h2", title))
        .child(words("p", reading).class("reading"))
        .child(Element::new("div").class(class.trim_end()).children(figures))
}

/// A figure under the name of its arm, with the number that sums it up.
fn figure(name: &str, number: &str) -> Element {
    let caption = Element::new("figcaption")
        .child(words("b", name))
        .text(" ")
        .child(words("span", number).class("of"));
    Element::new("figure").child(caption)
}
