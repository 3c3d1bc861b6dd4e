//! The frame of a chart: its size, its axes with their ticks, and the position of a value.

use crate::formats::html::markup::{Element, number, words};

// As wide as a telephone. A picture only ever grows from there, so one drawing serves 400 and 1280
// pixels without letters that shrink.
pub(super) const WIDTH: f64 = 360.0;

pub(super) const HEIGHT: f64 = 206.0;

/// The rectangle in which values are drawn, in units of the picture.
#[derive(Clone, Copy)]
pub(in crate::formats::html) struct Frame {
    pub(in crate::formats::html) left: f64,
    pub(in crate::formats::html) right: f64,
    pub(in crate::formats::html) top: f64,
    pub(in crate::formats::html) bottom: f64,
}

impl Frame {
    /// The usual one: room for the ticks at the left and below.
    pub(in crate::formats::html) const USUAL: Self =
        Self { left: 50.0, right: 346.0, top: 16.0, bottom: 170.0 };

    /// Position of this share of the width; shares outside are moved to the edge.
    pub(in crate::formats::html) fn x(&self, share: f64) -> f64 {
        self.left + (self.right - self.left) * within(share)
    }

    /// Position of this share of the height, from the bottom.
    pub(in crate::formats::html) fn y(&self, share: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * within(share)
    }

    /// A line across at this height, with its name at the left.
    pub(in crate::formats::html) fn tick_y(&self, share: f64, name: &str) -> Element {
        let y = self.y(share);
        let class = if share > 0.0 { "grid" } else { "axis" };
        Element::new("g").child(line([self.left, y, self.right, y]).class(class)).child(label(
            self.left - 6.0,
            y + 4.0,
            "end",
            name,
        ))
    }

    pub(super) fn tick_x(&self, share: f64, name: &str) -> Element {
        let x = self.x(share);
        Element::new("g")
            .child(line([x, self.bottom, x, self.bottom + 4.0]).class("axis"))
            .child(label(x, self.bottom + 16.0, "middle", name))
    }

    pub(super) fn title_x(&self, name: &str) -> Element {
        label(self.x(0.5), self.bottom + 31.0, "middle", name)
    }
}

fn within(share: f64) -> f64 {
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
}

/// The picture, with words for those who cannot see it.
pub(in crate::formats::html) fn picture(
    id: &str,
    height: f64,
    title: &str,
    description: &str,
) -> Element {
    let (title_id, description_id) = (format!("{id}-title"), format!("{id}-about"));
    Element::new("svg")
        .with("viewBox", format!("0 0 {} {}", number(WIDTH), number(height)))
        .with("role", "img")
        .with("aria-labelledby", format!("{title_id} {description_id}"))
        .child(words("title", title).with("id", title_id))
        .child(words("desc", description).with("id", description_id))
}

pub(super) fn line([x1, y1, x2, y2]: [f64; 4]) -> Element {
    Element::new("line")
        .with("x1", number(x1))
        .with("y1", number(y1))
        .with("x2", number(x2))
        .with("y2", number(y2))
}

/// A few words in the picture; `anchor` as in SVG: `start`, `middle`, `end`.
pub(in crate::formats::html) fn label(x: f64, y: f64, anchor: &str, text: &str) -> Element {
    let label = words("text", text).with("x", number(x)).with("y", number(y));
    if anchor == "start" { label } else { label.with("text-anchor", anchor) }
}

pub(in crate::formats::html) fn path(commands: &str) -> Element {
    Element::new("path").with("d", commands)
}

/// Round numbers from 0 up to `most`, about `wanted` of them after the 0: steps of 1, 2 or 5.
pub(super) fn ticks(most: f64, wanted: u32) -> Vec<f64> {
    if !(most.is_finite() && most > 0.0) {
        return vec![0.0];
    }
    let rough = most / f64::from(wanted);
    let decade = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * decade);
    let step = step.into_iter().find(|step| most / step <= f64::from(wanted)).unwrap_or(most);
    (0..=wanted).map(|n| f64::from(n) * step).take_while(|tick| *tick <= most * 1.000_1).collect()
}

/// Powers of ten and their doubles and fives between two positive numbers.
pub(super) fn decades(least: f64, most: f64) -> Vec<f64> {
    let exponents = -1..10;
    let all = exponents.flat_map(|exponent| [1.0, 2.0, 5.0].map(|d| d * 10_f64.powi(exponent)));
    let within: Vec<f64> = all.filter(|tick| (least..=most).contains(tick)).collect();
    if within.len() <= 5 {
        return within;
    }
    within.into_iter().filter(|tick| tick.log10().fract().abs() < 1e-9).collect()
}

/// A number of bytes in a few characters: `4.2 MB`, in powers of 1,000.
pub(super) fn short_bytes(bytes: f64) -> String {
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    match units.into_iter().find(|(size, _)| bytes >= *size) {
        Some((size, unit)) => format!("{} {unit}", trimmed(bytes / size)),
        None => format!("{bytes:.0} B"),
    }
}

/// A duration in a few characters: `200 µs`, `1.5 ms`.
pub(super) fn short_micros(micros: f64) -> String {
    match micros {
        m if m >= 1e6 => format!("{} s", trimmed(m / 1e6)),
        m if m >= 1e3 => format!("{} ms", trimmed(m / 1e3)),
        m => format!("{} µs", trimmed(m)),
    }
}

fn trimmed(value: f64) -> String {
    let digits = usize::from(value < 100.0);
    let text = format!("{value:.digits$}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks(4_192_334.0, 4), [0.0, 2e6, 4e6]);
        assert_eq!(ticks(50.0, 5), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
        assert_eq!(ticks(f64::NAN, 5), [0.0]);
        assert!(ticks(f64::MAX, 5).len() <= 6);
    }

    #[test]
    fn decades_thin_out_where_they_are_many() {
        assert_eq!(decades(90.0, 600.0), [100.0, 200.0, 500.0]);
        assert_eq!(decades(5.0, 2e4), [10.0, 100.0, 1_000.0, 10_000.0]);
    }

    #[test]
    fn units_are_short() {
        assert_eq!(
            [0.0, 999.0, 254_220.0, 4_192_334.0].map(short_bytes),
            ["0 B", "999 B", "254 kB", "4.2 MB"]
        );
        assert_eq!([75.0, 1_500.0, 2e6].map(short_micros), ["75 µs", "1.5 ms", "2 s"]);
    }
}
