//! The frame of a chart: its size, its axes, and the position of a value.

use crate::formats::html::markup::{Element, number, words};

/// Units of every picture from left to right.
pub(super) const WIDTH: f64 = 360.0;

/// Height of a picture beside others.
pub(super) const HEIGHT: f64 = 200.0;

/// The rectangle in which values are drawn, in units of the picture.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Frame {
    /// The usual one: room for the ticks at the left and below.
    pub(super) const USUAL: Self = Self { left: 50.0, right: 346.0, top: 16.0, bottom: 170.0 };

    /// Position of this share of the width; shares outside are moved to the edge.
    pub(super) fn x(&self, share: f64) -> f64 {
        self.left + (self.right - self.left) * within(share)
    }

    /// Position of this share of the height, from the bottom.
    pub(super) fn y(&self, share: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * within(share)
    }

    /// A line across at this height, with its name at the left.
    pub(super) fn tick_y(&self, share: f64, name: &str) -> Element {
        let y = self.y(share);
        let class = if share > 0.0 { "grid" } else { "axis" };
        Element::new("g").child(line([self.left, y, self.right, y]).class(class)).child(label(
            self.left - 6.0,
            y + 3.5,
            "end",
            name,
        ))
    }

    /// The name of a place below the axis.
    pub(super) fn tick_x(&self, share: f64, name: &str) -> Element {
        let x = self.x(share);
        Element::new("g")
            .child(line([x, self.bottom, x, self.bottom + 4.0]).class("axis"))
            .child(label(x, self.bottom + 15.0, "middle", name))
    }

    /// Title of the horizontal axis.
    pub(super) fn title_x(&self, name: &str) -> Element {
        label(self.x(0.5), self.bottom + 28.0, "middle", name)
    }
}

fn within(share: f64) -> f64 {
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
}

/// The picture, with words for those who cannot see it.
pub(super) fn picture(id: &str, height: f64, title: &str, description: &str) -> Element {
    let (title_id, description_id) = (format!("{id}-title"), format!("{id}-about"));
    Element::new("svg")
        .with("viewBox", format!("0 0 {} {}", number(WIDTH), number(height)))
        .with("role", "img")
        .with("aria-labelledby", format!("{title_id} {description_id}"))
        .child(words("title", title).with("id", title_id))
        .child(words("desc", description).with("id", description_id))
}

/// A straight line from the first point to the second.
pub(super) fn line([x1, y1, x2, y2]: [f64; 4]) -> Element {
    Element::new("line")
        .with("x1", number(x1))
        .with("y1", number(y1))
        .with("x2", number(x2))
        .with("y2", number(y2))
}

/// A few words in the picture; `anchor` as in SVG: `start`, `middle`, `end`.
pub(super) fn label(x: f64, y: f64, anchor: &str, text: &str) -> Element {
    let label = words("text", text).with("x", number(x)).with("y", number(y));
    if anchor == "start" { label } else { label.with("text-anchor", anchor) }
}

/// A path from its commands.
pub(super) fn path(commands: &str) -> Element {
    Element::new("path").with("d", commands)
}
