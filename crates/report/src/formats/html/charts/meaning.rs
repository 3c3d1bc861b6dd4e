//! Verdicts as charts show them: a colour, a pattern and a name for each.
//!
//! The pattern carries the same information as the colour, for paper and for readers who see no colours.

use measure::record::VerdictsRecord;

use crate::formats::html::markup::{Element, number, words};

pub(super) struct VerdictStyle {
    /// Class of its colour and its pattern in the style sheet.
    pub(super) class: &'static str,
    pub(super) name: &'static str,
    pub(super) count: fn(&VerdictsRecord) -> u64,
}

// From the bottom of a stack to its top: what cost nothing first, what went wrong last.
pub(super) static MEANINGS: [VerdictStyle; 9] = [
    VerdictStyle { class: "validated", name: "304 validated", count: |v| v.validated },
    VerdictStyle { class: "unverifiable", name: "304 unverifiable", count: |v| v.unverifiable },
    VerdictStyle { class: "fresh", name: "fresh, no request", count: |v| v.fresh_hit },
    VerdictStyle { class: "first", name: "200 first fetch", count: |v| v.first_fetch },
    VerdictStyle { class: "changed", name: "200 changed", count: |v| v.changed },
    VerdictStyle { class: "regressed", name: "200 went back", count: |v| v.regressed },
    VerdictStyle { class: "needless", name: "200 needless", count: |v| v.needless_transfer },
    VerdictStyle { class: "stale", name: "304 false (stale)", count: |v| v.false_validation },
    VerdictStyle { class: "error", name: "error", count: |v| v.error },
];

pub(super) fn occurring(verdicts: &[&VerdictsRecord]) -> Vec<&'static VerdictStyle> {
    let occurs =
        |meaning: &&VerdictStyle| verdicts.iter().any(|counts| (meaning.count)(counts) > 0);
    MEANINGS.iter().filter(occurs).collect()
}

pub(super) fn legend(meanings: &[&VerdictStyle]) -> Element {
    let sample = |class: &str| {
        let area = Element::new("rect").with("width", 20).with("height", 14).class(class);
        Element::new("svg")
            .class("sample")
            .with("viewBox", "0 0 20 14")
            .with("aria-hidden", "true")
            .child(area)
    };
    let item = |meaning: &&VerdictStyle| {
        Element::new("li").child(sample(meaning.class)).child(words("span", meaning.name))
    };
    Element::new("ul").class("legend").children(meanings.iter().map(item))
}

/// The patterns of the whole page; the style sheet names them.
pub(in crate::formats::html) fn patterns() -> Element {
    Element::new("svg").class("patterns").with("aria-hidden", "true").child(definitions())
}

/// Patterns by class: size of a tile, and its marks.
const PATTERNS: [(&str, u32, &str); 7] = [
    ("unverifiable", 6, "M0 3h6"),
    ("fresh", 6, "M1 3h2"),
    ("first", 5, "M1 2.5h1.6"),
    ("regressed", 6, "M3 0v6"),
    ("needless", 7, "M-1 8L8 -1M-4.5 4.5L4.5 -4.5M2.5 11.5L11.5 2.5"),
    ("stale", 7, "M0 0L7 7M7 0L0 7"),
    ("error", 5, "M0 2.5h5M2.5 0v5"),
];

pub(super) fn definitions() -> Element {
    let pattern = |(name, size, marks): (&str, u32, &str)| {
        Element::new("pattern")
            .with("id", format!("pattern-{name}"))
            .class(format!("on-{name}"))
            .with("width", size)
            .with("height", size)
            .with("patternUnits", "userSpaceOnUse")
            .child(Element::new("rect").with("width", size).with("height", size))
            .child(Element::new("path").with("d", marks))
    };
    Element::new("defs").children(PATTERNS.map(pattern))
}

/// A bar as part of a path: upper left corner, width, height.
pub(super) fn bar(x: f64, y: f64, width: f64, height: f64) -> String {
    let (x, y, width, height) = (number(x), number(y), number(width), number(height));
    format!("M{x} {y}h{width}v{height}h-{width}z")
}
