//! For a terminal: what was read, the paths, the findings.

use report::Style;
use text::{visible, wrap};

use super::{HEADINGS, MOST_PATHS, Options, cells, notes, parts};
use crate::judges::LogFinding;
use crate::moment;
use crate::summary::Summary;

pub(super) fn render(summary: &Summary, style: Style, options: Options) -> String {
    let width = style.width.max(40);
    let bold = if style.color { anstyle::Style::new().bold() } else { anstyle::Style::new() };
    let title = visible(&super::title(summary));
    let mut lines = vec![format!("{bold}{title}{bold:#}")];
    lines.extend(wrap(&visible(&parts(summary).join(" · ")), width));
    lines.push(String::new());
    if !summary.paths.is_empty() {
        lines.extend(table(summary, width));
        lines.push(String::new());
    }
    for one in &summary.findings {
        lines.extend(found(one, width, style.color));
        lines.push(String::new());
    }
    for note in notes(summary, options) {
        lines.extend(probe::format::hanging("note: ", &note, width));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

/// A finding as everywhere, with its paths and since when below its title.
fn found(one: &LogFinding, width: usize, color: bool) -> Vec<String> {
    let mut lines = probe::format::finding_lines(&one.finding, width, color);
    // Behind mark and title, before the evidence.
    let title = wrap(&visible(&one.finding.title), width - 2).len();
    let place = (1 + title).min(lines.len());
    let mut about = Vec::new();
    if !one.paths.is_empty() {
        about.extend(probe::format::hanging("    ", &paths(one), width));
    }
    if let Some(since) = one.since {
        about.push(format!("    since {}", moment::utc(since)));
    }
    lines.splice(place..place, about);
    lines
}

/// The first few paths of a finding.
pub(super) fn paths(one: &LogFinding) -> String {
    const MOST: usize = 4;
    let mut paths: Vec<_> = one.paths.iter().take(MOST).cloned().collect();
    let more = one.paths.len().saturating_sub(MOST);
    paths.extend((more > 0).then(|| format!("{more} more")));
    paths.join(", ")
}

fn table(summary: &Summary, width: usize) -> Vec<String> {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(summary.paths.iter().take(MOST_PATHS).map(cells));
    if summary.paths.len() > 1 {
        rows.push(cells(&summary.total));
    }
    let rows: Vec<[String; 7]> =
        rows.into_iter().map(|row| row.map(|cell| visible(&cell))).collect();
    let widest =
        |column: usize| rows.iter().map(|row| text::width(&row[column])).max().unwrap_or(0);
    let numbers: Vec<usize> = (1..HEADINGS.len()).map(widest).collect();
    let room = width.saturating_sub(numbers.iter().map(|width| width + 2).sum());
    let paths = widest(0).min(room.max(16));
    let mut lines: Vec<_> = rows.iter().map(|row| laid_out(row, paths, &numbers)).collect();
    let more = summary.paths.len().saturating_sub(MOST_PATHS);
    if more > 0 {
        lines.insert(lines.len() - 1, format!("… and {}", text::counted(more as u64, "more path")));
    }
    lines
}

fn laid_out(row: &[String; 7], paths: usize, numbers: &[usize]) -> String {
    let name = text::shorten(&row[0], paths);
    let mut line = format!("{name}{}", " ".repeat(paths.saturating_sub(text::width(&name))));
    for (cell, width) in row[1..].iter().zip(numbers) {
        let pad = width.saturating_sub(text::width(cell)) + 2;
        line.extend([" ".repeat(pad), cell.clone()]);
    }
    line
}
