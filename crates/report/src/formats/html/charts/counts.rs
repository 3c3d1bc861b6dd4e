//! One number of each arm as a bar: what reaches the source, or the database, behind the replicas.

use measure::numbers::{self, SOURCE_RATE};
use measure::record::ArmRecord;

use super::frame::{Frame, label, line, path, picture};
use super::meaning::bar;
use super::{Chart, Figure, Subject};
use crate::formats::html::markup::Element;
use crate::formats::html::tables;
use crate::metrics::per_second;
use crate::quantity::NOTHING;
use text::{count, shorten, visible};

/// A number, and how it is put.
struct Counted {
    id: &'static str,
    title: &'static str,
    reading: &'static str,
    unit: &'static str,
    number: &'static str,
    shown: fn(f64) -> String,
}

const SOURCE: Counted = Counted {
    id: "source",
    title: "What the source is asked",
    reading: "Requests for routes that reach the source for each second, as they would be at the pace \
        that the intervals are written in.",
    unit: "requests/s",
    number: SOURCE_RATE,
    shown: per_second,
};

const QUERIES: Counted = Counted {
    id: "queries",
    title: "What the database is asked",
    reading: "SQL queries of the application for each 1,000 polls, by its own count.",
    unit: "queries per 1,000 polls",
    number: "store_queries_per_1000_polls",
    shown: |queries| count(queries.round() as u64),
};

/// Units from one arm to the next, and from its name to its bar.
const BLOCK: f64 = 48.0;

const FRAME: Frame = Frame { left: 8.0, right: 276.0, top: 8.0, bottom: 8.0 };

pub(super) fn source(subjects: &[Subject<'_>]) -> Option<Chart> {
    chart(subjects, &SOURCE)
}

pub(super) fn queries(subjects: &[Subject<'_>]) -> Option<Chart> {
    chart(subjects, &QUERIES)
}

fn chart(subjects: &[Subject<'_>], counted: &Counted) -> Option<Chart> {
    let values = subjects.iter().filter_map(|subject| counted.of(subject.arm));
    let most = values.reduce(f64::max)?;
    let height = FRAME.top + BLOCK * subjects.len() as f64 + 4.0;
    let about: Vec<_> = subjects.iter().map(|subject| counted.about(subject)).collect();
    let bars = subjects.iter().enumerate();
    let svg = picture(counted.id, height, counted.title, &about.join("; "))
        .children(bars.map(|(index, subject)| block(index, subject, counted, most)))
        .child(line([FRAME.left, FRAME.top, FRAME.left, height - 4.0]).class("axis"));
    let figure = Figure::new(counted.unit, "in each arm").picture(svg, height);
    let figure = figure.below([numbers(subjects, counted)]);
    Some(Chart::new(counted.title, counted.reading, vec![figure]))
}

impl Counted {
    fn of(&self, arm: &ArmRecord) -> Option<f64> {
        numbers::value(arm, self.number)
    }

    fn words(&self, arm: &ArmRecord) -> String {
        self.of(arm).map_or(NOTHING.to_owned(), self.shown)
    }

    fn about(&self, subject: &Subject<'_>) -> String {
        format!("{}: {} {}", subject.name, self.words(subject.arm), self.unit)
    }
}

fn block(index: usize, subject: &Subject<'_>, counted: &Counted, most: f64) -> Element {
    let top = FRAME.top + BLOCK * index as f64;
    let share = counted.of(subject.arm).unwrap_or(0.0) / most.max(f64::MIN_POSITIVE);
    // Even nearly nothing is a line that can be seen.
    let width = (FRAME.x(share) - FRAME.left).max(1.5);
    let drawn = path(&bar(FRAME.left, top + 18.0, width, 20.0)).class("bar");
    let name = shorten(&visible(&subject.name), 40);
    let end = FRAME.left + width + 7.0;
    Element::new("g")
        .child(label(FRAME.left + 5.0, top + 12.0, "start", &name).class("name"))
        .child(drawn)
        .child(label(end, top + 32.0, "start", &counted.words(subject.arm)).class("name"))
}

fn numbers(subjects: &[Subject<'_>], counted: &Counted) -> Element {
    let headings = ["arm", counted.unit].map(str::to_owned);
    let rows = subjects.iter().map(|each| vec![each.name.clone(), counted.words(each.arm)]);
    tables::numbers(counted.title, &headings, rows.collect())
}
