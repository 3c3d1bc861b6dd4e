//! A summary in words: for a terminal, and for machines. Text from outside is neutralised here, for each
//! medium in its way.

mod csv;
mod html;
mod json;
mod markdown;
mod terminal;

use report::Style;

use crate::summary::{PathRow, Share, Summary};

/// A medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// To paste into an incident.
    Markdown,
    /// The paths, for a spreadsheet.
    Csv,
    /// `etag-lab.logs/1`.
    Json,
    /// For a browser.
    Html,
}

/// Wishes for what is shown.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Money for a byte that is sent, and its sign; `None` where none was named.
    pub price: Option<Price>,
}

/// Price of bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// Money for 1,000,000,000 bytes.
    pub per_gigabyte: f64,
}

/// Writes a summary.
pub fn render(summary: &Summary, format: Format, style: Style, options: Options) -> String {
    match format {
        Format::Text => terminal::render(summary, style, options),
        Format::Markdown => markdown::render(summary, options),
        Format::Csv => csv::render(summary),
        Format::Json => json::render(summary),
        Format::Html => html::render(summary, options),
    }
}

/// Paths in tables for people; the rest is counted.
const MOST_PATHS: usize = 12;

/// Headings of the table of paths.
const HEADINGS: [&str; 7] =
    ["path", "requests", "304s", "rate", "bytes", "needless bytes", "servers"];

/// Cells of a row.
fn cells(row: &PathRow) -> [String; 7] {
    let rate = row.not_modified_ratio();
    [
        row.path.clone(),
        text::count(row.requests),
        text::count(row.not_modified),
        rate.map_or_else(|| "–".to_owned(), |rate| format!("{:.1} %", 100.0 * rate)),
        text::count(row.bytes),
        format!("≥ {}", text::count(row.needless_bytes)),
        if row.upstreams == 0 { "–".to_owned() } else { row.upstreams.to_string() },
    ]
}

/// First line of every report: the format that the lines were read in, once there were any.
fn title(summary: &Summary) -> String {
    if summary.format.is_empty() {
        return "etag-lab logs".to_owned();
    }
    format!("etag-lab logs · {}", summary.format)
}

/// Parts of the line that says what was read.
fn parts(summary: &Summary) -> Vec<String> {
    let lines = &summary.lines;
    let mut parts = vec![text::counted(lines.read, "line")];
    if lines.unparsed > 0 {
        parts.push(format!("{} of another form", text::count(lines.unparsed)));
    }
    if let Some((first, last)) = summary.times {
        let [first, last] = [first, last].map(crate::moment::utc);
        parts.push(format!("{first} to {last}"));
    }
    let total = &summary.total;
    if let Some(rate) = total.not_modified_ratio() {
        let polls = text::counted(total.polls, "poll");
        parts.push(format!("{:.1} % of {polls} got a 304", 100.0 * rate));
    }
    for (name, count) in summary.apart.iter().filter(|(_, count)| *count > 0) {
        parts.push(format!("kept apart: {} × {name}", text::count(*count)));
    }
    parts
}

/// Sentence about what a repair saves; `None` where nothing is needless.
fn savings(summary: &Summary, options: Options) -> Option<String> {
    let day = summary.needless_bytes_a_day().filter(|bytes| *bytes >= 1.0)?;
    let mut sentence = format!("a repair saves at least {} a day", bytes(day));
    if let Some(price) = options.price {
        let money = day / 1e9 * price.per_gigabyte;
        sentence.extend([format!(", {money:.2} in money")]);
    }
    Some(sentence)
}

/// `1.2 GB`.
fn bytes(count: f64) -> String {
    const UNITS: [(f64, &str); 4] = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    let unit = UNITS.iter().find(|(size, _)| count >= *size);
    unit.map_or_else(
        || format!("{count:.0} B"),
        |(size, name)| format!("{:.1} {name}", count / size),
    )
}

/// Everything that is said below the findings.
fn notes(summary: &Summary, options: Options) -> Vec<String> {
    let mut notes: Vec<String> = savings(summary, options).into_iter().collect();
    if summary.families.len() > 1 {
        let family = |(name, all, kept): &(&str, u64, u64)| {
            format!("{name} {:.0} %", 100.0 * *kept as f64 / *all as f64)
        };
        let families: Vec<_> = summary.families.iter().map(family).collect();
        notes.push(format!("304s of polls with something to revalidate: {}", families.join(", ")));
    }
    notes.extend(shares("host", &summary.hosts, str::to_owned));
    // `2026-11-30T12:00:00Z` as `30 12:00`.
    let hour = |name: &str| name.get(8..16).unwrap_or(name).replace('T', " ");
    notes.extend(shares("hour (UTC)", &summary.hours, hour));
    notes.extend(summary.notes.iter().cloned());
    notes
}

/// Sentence about the shares of several parts, the last few of many.
fn shares(part: &str, shares: &[Share], name: impl Fn(&str) -> String) -> Option<String> {
    const MOST: usize = 24;
    if shares.len() < 2 {
        return None;
    }
    let shown = if part == "host" {
        &shares[..shares.len().min(MOST)]
    } else {
        &shares[shares.len().saturating_sub(MOST)..]
    };
    let cell = |share: &Share| {
        let ratio = share.not_modified_ratio().unwrap_or_default();
        format!("{} {:.0} %", name(&share.name), 100.0 * ratio)
    };
    let cells: Vec<_> = shown.iter().map(cell).collect();
    Some(format!("304s by {part}: {}", cells.join(", ")))
}
