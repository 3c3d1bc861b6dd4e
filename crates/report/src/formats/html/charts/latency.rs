//! Latency of 200s and 304s: three quantiles each, on a logarithmic axis.

use measure::record::LatencyRecord;

use super::frame::{Frame, decades, label, line, path, picture, short_micros};
use super::{Chart, Figure, Subject};
use crate::formats::html::markup::{Element, number};
use crate::formats::html::tables;
use crate::quantity::{NOTHING, durations};
use text::{shorten, visible};

const READING: &str = "From the intended start of a poll to its last byte: ● half of the polls, \
    ◆ 90 %, ┃ 99 % were at least as fast. Further left is faster.";

const LOOPBACK: &str = " On loopback, so only the order carries over to your network.";

/// Units from one arm to the next, and from its name to its two rows.
const BLOCK: f64 = 52.0;
const ROWS: [f64; 2] = [18.0, 34.0];

pub(super) fn chart(subjects: &[Subject<'_>]) -> Option<Chart> {
    let measured = || subjects.iter().flat_map(|s| kinds(s).into_iter().filter_map(|(_, l)| l));
    let least = measured().map(|latency| latency.p50).min()?.max(1);
    let most = measured().map(|latency| latency.p99).max()?.max(least);
    // Some room at both ends, so that no mark touches the edge.
    let scale = Scale { least: least as f64 / 1.3, most: most as f64 * 1.3 };
    let (svg, height) = drawn(subjects, scale);
    let figure = Figure::new("Latency", "p50, p90 and p99 of complete responses")
        .picture(svg, height)
        .below([numbers(subjects)]);
    // Without replicas of its own the run went over a real network.
    let own = subjects.iter().all(|subject| subject.arm.fleet_size > 0);
    let reading = format!("{READING}{}", if own { LOOPBACK } else { "" });
    Some(Chart::new("Latency of 200s and 304s", reading, vec![figure]))
}

fn kinds(subject: &Subject<'_>) -> [(&'static str, Option<LatencyRecord>); 2] {
    [("200", subject.arm.latency_200_us), ("304", subject.arm.latency_304_us)]
}

// Logarithmic: a 200 of megabytes may take a thousand times as long as a 304.
#[derive(Clone, Copy)]
struct Scale {
    least: f64,
    most: f64,
}

impl Scale {
    fn share(self, micros: f64) -> f64 {
        (micros.max(1.0) / self.least).ln() / (self.most / self.least).ln()
    }
}

fn drawn(subjects: &[Subject<'_>], scale: Scale) -> (Element, f64) {
    let bottom = 6.0 + BLOCK * subjects.len() as f64;
    let frame = Frame { left: 42.0, right: 340.0, top: 4.0, bottom };
    let about: Vec<_> = subjects.iter().map(about).collect();
    let grid = |micros: f64| {
        let x = frame.x(scale.share(micros));
        let along = line([x, frame.top, x, frame.bottom]).class("grid");
        Element::new("g")
            .child(along)
            .child(frame.tick_x(scale.share(micros), &short_micros(micros)))
    };
    let blocks = subjects.iter().enumerate();
    let blocks = blocks.map(|(at, subject)| block(frame, 6.0 + BLOCK * at as f64, subject, scale));
    let (title, height) = ("Latency of 200s and 304s in each arm", bottom + 24.0);
    let svg = picture("latency", height, title, &about.join("; "))
        .children(decades(scale.least, scale.most).into_iter().map(grid))
        .child(line([frame.left, bottom, frame.right, bottom]).class("axis"))
        .children(blocks);
    (svg, height)
}

fn about(subject: &Subject<'_>) -> String {
    let kind = |(name, latency): (&str, Option<LatencyRecord>)| {
        let quantiles = latency
            .map_or("none".to_owned(), |l| durations(&[Some(l.p50), Some(l.p90), Some(l.p99)]));
        format!("{name}s {quantiles}")
    };
    format!("{}: {}", subject.name, kinds(subject).map(kind).join(", "))
}

fn block(frame: Frame, top: f64, subject: &Subject<'_>, scale: Scale) -> Element {
    let name = shorten(&visible(&subject.name), 40);
    let rows = kinds(subject).into_iter().zip(ROWS);
    Element::new("g").child(label(frame.left, top + 8.0, "start", &name).class("name")).children(
        rows.flat_map(|((kind, latency), below)| {
            let y = top + below;
            let marks = match latency {
                Some(latency) => marks(frame, y, latency, scale).class(format!("of-{kind}")),
                None => label(frame.left + 4.0, y + 3.5, "start", "none"),
            };
            [label(frame.left - 6.0, y + 3.5, "end", kind), marks]
        }),
    )
}

fn marks(frame: Frame, y: f64, latency: LatencyRecord, scale: Scale) -> Element {
    let at = |micros: u64| frame.x(scale.share(micros as f64));
    let [half, most, nearly_all] = [latency.p50, latency.p90, latency.p99].map(at);
    let mark = |x: f64, form: &str| path(&format!("M{} {}{form}", number(x), number(y)));
    Element::new("g")
        .child(line([half, y, nearly_all, y]).class("span"))
        .child(mark(nearly_all, "m-1.2 -6h2.4v12h-2.4z"))
        .child(mark(most, "m0 -5l5 5l-5 5l-5 -5z"))
        .child(mark(half, "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z"))
}

fn numbers(subjects: &[Subject<'_>]) -> Element {
    let headings = ["arm", "status", "p50", "p90", "p99", "p99.9", "longest"].map(str::to_owned);
    let rows = subjects.iter().flat_map(|subject| {
        kinds(subject).map(|(kind, latency)| {
            let quantiles = latency.map(|l| [l.p50, l.p90, l.p99, l.p999, l.max]);
            let shown = quantiles.map_or([const { String::new() }; 5], |quantiles| {
                quantiles.map(|micros| durations(&[Some(micros)]))
            });
            let shown = shown.map(|text| if text.is_empty() { NOTHING.to_owned() } else { text });
            [subject.name.clone(), kind.to_owned()].into_iter().chain(shown).collect()
        })
    });
    tables::numbers("Latency of 200s and 304s", &headings, rows.collect())
}
