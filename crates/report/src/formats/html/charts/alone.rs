//! A chart as an SVG file of its own, for slides and documents: light, with its style inside.
//!
//! Variables of the style sheet are replaced by their colours, because programs for slides and for
//! drawing do not know them.

use super::frame::{WIDTH, label};
use super::meaning::{self, VerdictStyle};
use super::{CHARTS, Chart, Figure, subjects};
use crate::formats::Results;
use crate::formats::html::markup::{Element, number};
use text::{shorten, visible};

const LIGHT: &str = include_str!("../light.css");
const SHEET: &str = include_str!("../charts.css");

/// Rules that no page around the picture has for it.
const ALONE: &str =
    "svg { font-family: system-ui, \"Segoe UI\", Roboto, Helvetica, Arial, sans-serif; }
.title { font-size: 18px; font-weight: 700; fill: var(--ink); }
.paper { fill: var(--paper); }
";

const MARGIN: f64 = 20.0;
const GAP: f64 = 30.0;
const TITLE: f64 = 34.0;
const CAPTION: f64 = 42.0;
const LEGEND_LINE: f64 = 22.0;

/// Letters of a caption that fit above a picture.
const CAPTION_LETTERS: usize = 52;

/// The charts that can stand alone, each with what it shows.
pub fn chart_names() -> Vec<(&'static str, &'static str)> {
    let pictures = CHARTS.iter().filter_map(|chart| Some((chart.name?, chart.summary)));
    let mut names: Vec<_> = pictures.collect();
    names.sort_unstable();
    // One chart may have several places on a page.
    names.dedup_by_key(|(name, _)| *name);
    names
}

/// The chart of this name as an SVG file; `None` where the run has nothing to draw in it.
pub fn chart(results: Results<'_>, name: &str) -> Option<String> {
    let subjects = subjects(results);
    let mut named = CHARTS.iter().filter(|chart| chart.name == Some(name));
    let chart = named.find_map(|chart| (chart.draw)(&subjects))?;
    Some(drawn(chart).into_string())
}

fn drawn(chart: Chart) -> Element {
    let columns = chart.figures.len().min(2);
    let width = 2.0 * MARGIN + columns as f64 * (WIDTH + GAP) - GAP;
    let mut bottom = MARGIN + TITLE;
    let mut figures = Vec::new();
    let mut rest = chart.figures.into_iter();
    loop {
        let row: Vec<Figure> = rest.by_ref().take(columns).collect();
        let heights = row.iter().filter_map(|figure| figure.picture.as_ref());
        let Some(height) = heights.map(|picture| picture.height).reduce(f64::max) else { break };
        let left = |at: usize| MARGIN + at as f64 * (WIDTH + GAP);
        figures
            .extend(row.into_iter().enumerate().map(|(at, each)| figure(each, left(at), bottom)));
        bottom += CAPTION + height + GAP / 2.0;
    }
    let legend = legend(&chart.legend, columns, bottom);
    bottom += chart.legend.len().div_ceil(2 * columns.max(1)) as f64 * LEGEND_LINE;
    sheet(width, bottom + MARGIN / 2.0)
        .child(label(MARGIN, MARGIN + 16.0, "start", chart.title).class("title"))
        .children(figures)
        .children(legend)
}

fn sheet(width: f64, height: f64) -> Element {
    let [width, height] = [width, height].map(number);
    let paper = Element::new("rect").class("paper").with("width", &width).with("height", &height);
    Element::new("svg")
        .with("xmlns", "http://www.w3.org/2000/svg")
        .with("viewBox", format!("0 0 {width} {height}"))
        .with("width", &width)
        .with("height", &height)
        .child(Element::style(coloured(&format!("{ALONE}{SHEET}"))))
        .child(meaning::definitions())
        .child(paper)
}

fn coloured(sheet: &str) -> String {
    let colours = LIGHT.split("--").skip(1).filter_map(|rest| rest.split_once(':'));
    colours.fold(sheet.to_owned(), |sheet, (name, rest)| {
        let colour = rest.split(';').next().unwrap_or_default().trim();
        sheet.replace(&format!("var(--{name})"), colour)
    })
}

fn figure(figure: Figure, x: f64, y: f64) -> Element {
    let [name, about] =
        [&figure.name, &figure.about].map(|text| shorten(&visible(text), CAPTION_LETTERS));
    let picture = figure.picture.map(|picture| {
        let place = [("x", x), ("y", y + CAPTION), ("width", WIDTH), ("height", picture.height)];
        place.into_iter().fold(picture.svg, |svg, (name, value)| svg.with(name, number(value)))
    });
    Element::new("g")
        .child(label(x, y + 14.0, "start", &name).class("name"))
        .child(label(x, y + 31.0, "start", &about))
        .children(picture)
}

/// Two meanings below each picture of a row.
fn legend(meanings: &[&VerdictStyle], columns: usize, top: f64) -> Vec<Element> {
    let across = 2 * columns.max(1);
    let item = |(at, meaning): (usize, &&VerdictStyle)| {
        let x = MARGIN + (at % across) as f64 * (WIDTH + GAP) / 2.0;
        let y = top + (at / across) as f64 * LEGEND_LINE;
        let sample = Element::new("rect").with("x", number(x)).with("y", number(y));
        let sample = sample.with("width", 20).with("height", 14).class(meaning.class);
        Element::new("g").child(sample).child(label(x + 28.0, y + 11.5, "start", meaning.name))
    };
    meanings.iter().enumerate().map(item).collect()
}
