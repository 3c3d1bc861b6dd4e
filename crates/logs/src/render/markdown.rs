//! Markdown to paste into an incident.

use text::markdown::escape;

use super::{HEADINGS, MOST_PATHS, Options, cells, notes, parts, terminal};
use crate::judges::LogFinding;
use crate::moment;
use crate::summary::Summary;

pub(super) fn render(summary: &Summary, options: Options) -> String {
    let mut out = format!("### Access log · {}\n\n", escape(&summary.format));
    out.extend([format!("{}\n", escape(&parts(summary).join(" · ")))]);
    out.extend(summary.findings.iter().map(found));
    out.extend([
        "\n",
        &line(HEADINGS.map(str::to_owned)),
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    ]);
    let rows = summary.paths.iter().take(MOST_PATHS).chain([&summary.total]);
    out.extend(rows.map(|row| line(cells(row))));
    out += "\n";
    out.extend(notes(summary, options).iter().map(|note| format!("- note: {}\n", escape(note))));
    out
}

fn line(cells: [String; 7]) -> String {
    format!("| {} |\n", cells.map(|cell| escape(&cell)).join(" | "))
}

fn found(one: &LogFinding) -> String {
    let mut out = probe::format::finding_markdown(&one.finding);
    if !one.paths.is_empty() {
        out.extend([format!("- paths: {}\n", escape(&terminal::paths(one)))]);
    }
    out.extend(one.since.map(|since| format!("- since {}\n", moment::utc(since))));
    out
}
