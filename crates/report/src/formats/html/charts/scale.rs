//! The 304 rate against the number of replicas, with the curve that node-local tags follow.
//!
//! The curve is arithmetic for a random choice of replica; the points were measured.

use super::frame::{Frame, label, line, path, picture};
use super::{Chart, Figure, Subject};
use crate::formats::html::markup::{Element, number};
use crate::formats::html::tables;
use crate::quantity::{NOTHING, percent};
use text::{shorten, visible, width};

const FRAME: Frame = Frame { left: 46.0, right: 212.0, top: 16.0, bottom: 200.0 };

const HEIGHT: f64 = 236.0;

// With fewer replicas on the axis nobody sees that the curve is one.
const FEWEST: u32 = 8;

const READING: &str = "The curve is 1/N: what tags that differ on N replicas give under a random \
    choice of replica. Tags that agree stay at the top, whatever N. With tags that differ, replicas \
    in strict turn may fall below the curve, and pinned clients stay above it.";

const RANGES: &str = " A bar through a point is its predicted range.";

const LETTER: f64 = 6.9;
const LINE: f64 = 14.0;

/// The chart of arms that differ in the size of the fleet: the curve is what they are compared with.
pub(super) fn of_sizes(subjects: &[Subject<'_>]) -> Option<Chart> {
    chart(subjects).filter(|_| are_of_sizes(subjects))
}

/// The chart of fleets of one size. A single point on the curve says nothing, except of a server whose
/// number of replicas is not known; and where a store or a source is counted, that is the subject.
pub(super) fn of_one_size(subjects: &[Subject<'_>]) -> Option<Chart> {
    let arms = || subjects.iter().map(|subject| subject.arm);
    let is_aside = arms().any(|arm| arm.shared_store.is_some());
    let points = arms().filter(|arm| arm.not_modified_ratio.is_some()).count();
    let tells = points > 1 || arms().any(|arm| arm.fleet_size == 0);
    chart(subjects).filter(|_| tells && !is_aside && !are_of_sizes(subjects))
}

fn are_of_sizes(subjects: &[Subject<'_>]) -> bool {
    subjects.windows(2).any(|pair| pair[0].arm.fleet_size != pair[1].arm.fleet_size)
}

fn chart(subjects: &[Subject<'_>]) -> Option<Chart> {
    let arms = || subjects.iter().map(|subject| subject.arm);
    let of_replicas = arms().all(|arm| arm.control_plane.is_none());
    (of_replicas && arms().any(|arm| arm.not_modified_ratio.is_some())).then(|| {
        let most = subjects.iter().map(|s| s.arm.fleet_size).max().unwrap_or(0).max(FEWEST);
        let figure = Figure::new("304 rate", "of conditional requests, by replicas")
            .picture(drawn(subjects, most), HEIGHT)
            .below([numbers(subjects)]);
        let ranges = subjects.iter().any(|subject| subject.arm.predicted_interval.is_some());
        let reading = format!("{READING}{}", if ranges { RANGES } else { "" });
        Chart::new("304 rate against replicas", reading, vec![figure])
    })
}

fn drawn(subjects: &[Subject<'_>], most: u32) -> Element {
    let title = "304 rate against the number of replicas, with the 1/N curve";
    let points: Vec<_> = subjects
        .iter()
        .enumerate()
        .filter_map(|(index, subject)| Point::of(index, subject, most))
        .collect();
    let about: Vec<_> = points.iter().map(|point| point.label.as_str()).collect();
    let grid = [(0.0, "0 %"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1.0, "100 %")];
    // More than eight names would run into each other on a telephone.
    let step = most.div_ceil(8);
    let replicas = [1].into_iter().chain((step.max(2)..=most).step_by(step as usize));
    picture("scale", HEIGHT, title, &about.join(", "))
        .children(grid.map(|(share, name)| FRAME.tick_y(share, name)))
        .children(replicas.map(|n| FRAME.tick_x(place(n, most), &n.to_string())))
        .child(FRAME.title_x("replicas"))
        .child(path(&curve(most)).class("curve"))
        .children(points.iter().map(Point::draw))
        .children(labels(&points))
}

/// Share of the width; a replica's own place, with a little room at the axis.
fn place(replicas: u32, most: u32) -> f64 {
    0.04 + 0.96 * f64::from(replicas.saturating_sub(1)) / f64::from(most.saturating_sub(1).max(1))
}

fn curve(most: u32) -> String {
    // The curve is hyperbolic, so enough short lines look round at every width.
    let points = (0..=60).map(|step| {
        let share = f64::from(step) / 60.0;
        let replicas = 1.0 + share * f64::from(most - 1);
        format!("{} {}", number(FRAME.x(0.04 + 0.96 * share)), number(FRAME.y(1.0 / replicas)))
    });
    format!("M{}", points.collect::<Vec<_>>().join("L"))
}

struct Point {
    x: f64,
    y: f64,
    range: Option<[f64; 2]>,
    shape: usize,
    /// Nobody knows how many replicas there are.
    anywhere: bool,
    label: String,
}

impl Point {
    fn of(index: usize, subject: &Subject<'_>, most: u32) -> Option<Self> {
        let arm = subject.arm;
        let ratio = arm.not_modified_ratio?;
        let name = shorten(&visible(&subject.name), 11);
        Some(Self {
            x: FRAME.x(place(arm.fleet_size, most)),
            y: FRAME.y(ratio),
            range: arm.predicted_interval.map(|range| range.map(|end| FRAME.y(end))),
            shape: index,
            anywhere: arm.fleet_size == 0,
            label: format!("{name} {}", percent(ratio)),
        })
    }

    fn draw(&self) -> Element {
        let Self { x, y, .. } = *self;
        // A level line across the picture: any number of replicas fits this rate.
        if self.anywhere {
            return line([FRAME.left, y, FRAME.right, y]).class("level");
        }
        let range = self.range.map(|[low, high]| {
            let ends = [low, high].map(|end| format!("M{} {}h8", number(x - 4.0), number(end)));
            let [low, high] = [low, high].map(number);
            path(&format!("M{} {low}V{high}{}", number(x), ends.concat())).class("range")
        });
        Element::new("g").children(range).child(shape(self.shape, x, y))
    }
}

/// Forms of points, each with a colour of its own.
const FORMS: usize = 6;

// The form tells arms apart where there is no colour.
fn shape(index: usize, x: f64, y: f64) -> Element {
    let at = format!("M{} {}", number(x), number(y));
    let form = match index % FORMS {
        0 => "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
        1 => "m-4.5 -4.5h9v9h-9z",
        2 => "m0 -6l5.5 10h-11z",
        3 => "m0 -6.5l6.5 6.5l-6.5 6.5l-6.5 -6.5z",
        4 => "m0 6l5.5 -10h-11z",
        _ => "m-2 -6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
    };
    path(&format!("{at}{form}")).class(format!("point point-{}", index % FORMS))
}

// Beside each point its name; those that would cover one another give way.
fn labels(points: &[Point]) -> Vec<Element> {
    let mut taken: Vec<Spot> = Vec::new();
    let mut elements = Vec::new();
    for point in points {
        let mut spot = Spot::beside(point);
        // Labels move towards the middle, where there is room.
        let give_way = if point.y > FRAME.y(0.5) { -LINE } else { LINE };
        while taken.iter().any(|other| spot.covers(other)) {
            spot.y += give_way;
        }
        elements.push(label(spot.from, spot.y + 4.0, "start", &point.label).class("name"));
        taken.push(spot);
    }
    elements
}

struct Spot {
    from: f64,
    to: f64,
    y: f64,
}

impl Spot {
    fn beside(point: &Point) -> Self {
        let from = if point.anywhere { FRAME.right + 6.0 } else { point.x + 10.0 };
        let to = from + LETTER * width(&point.label) as f64;
        // Not on the axis.
        Self { from, to, y: point.y.min(FRAME.bottom - 8.0) }
    }

    fn covers(&self, other: &Self) -> bool {
        let apart = self.to < other.from || other.to < self.from;
        !apart && (self.y - other.y).abs() < LINE - 0.5
    }
}

fn numbers(subjects: &[Subject<'_>]) -> Element {
    let headings = ["arm", "replicas", "304 rate", "predicted", "1/N"].map(str::to_owned);
    let row = |subject: &Subject<'_>| {
        let arm = subject.arm;
        let ratio = |ratio: Option<f64>| ratio.map_or(NOTHING.to_owned(), percent);
        let own = arm.fleet_size > 0;
        vec![
            subject.name.clone(),
            if own { arm.fleet_size.to_string() } else { NOTHING.to_owned() },
            ratio(arm.not_modified_ratio),
            ratio(arm.predicted_not_modified_ratio),
            ratio(own.then(|| 1.0 / f64::from(arm.fleet_size))),
        ]
    };
    let rows = subjects.iter().map(row).collect();
    tables::numbers("304 rate against replicas", &headings, rows)
}
