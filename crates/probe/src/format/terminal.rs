//! For a terminal: what was asked, each tag, and each finding with evidence and fix.

use anstyle::{AnsiColor, Style as Ansi};
use measure::record::Severity;
use report::Style;
use text::{visible, wrap};

use findings::Finding;
use findings::check::{Check, TagSeen};

/// Tags in the table; the rest is counted.
const MOST_TAGS: usize = 12;

pub(super) fn render(check: &Check, style: Style) -> String {
    let width = style.width.max(40);
    let mut lines = Vec::new();
    let bold = if style.color { Ansi::new().bold() } else { Ansi::new() };
    for line in wrap(&visible(&format!("etag-lab check · {}", check.target)), width) {
        lines.push(format!("{bold}{line}{bold:#}"));
    }
    lines.extend(wrap(&visible(&super::summary(check).join(" · ")), width));
    lines.push(String::new());
    if !check.tags.is_empty() {
        lines.extend(table(&check.tags, width));
        lines.push(String::new());
    }
    for finding in &check.findings {
        lines.extend(told(finding, width, style.color));
        lines.push(String::new());
    }
    for event in super::events(check) {
        lines.extend(hanging("noticed: ", &event, width));
    }
    for note in &check.notes {
        lines.extend(hanging("note: ", note, width));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

/// Tag, coding, how often seen, 304s per replays, form.
fn table(tags: &[TagSeen], width: usize) -> Vec<String> {
    let several = tags.iter().flat_map(|tag| &tag.lanes).collect::<std::collections::BTreeSet<_>>();
    let with_lanes = several.len() > 1;
    let mut rows = vec![["tag", "coding", "seen", "304s", "form"].map(str::to_owned)];
    for tag in tags.iter().take(MOST_TAGS) {
        let lanes =
            if with_lanes { format!(" · {}", tag.lanes.join(", ")) } else { String::new() };
        let cells = [
            tag.tag.clone(),
            tag.coding.clone(),
            tag.seen.to_string(),
            super::replays(tag),
            format!("{}{lanes}", tag.form),
        ];
        rows.push(cells.map(|cell| visible(&cell)));
    }
    let longest = |column: usize| rows.iter().map(|row| text::width(&row[column])).max();
    let widths: Vec<_> = (0..4).map(|column| longest(column).unwrap_or(0)).collect();
    let tag_width = widths[0].min(width / 3);
    let mut lines = Vec::new();
    for row in &rows {
        lines.extend(laid_out(row, tag_width, &widths, width));
    }
    if tags.len() > MOST_TAGS {
        lines.push(format!("… and {} more", tags.len() - MOST_TAGS));
    }
    lines
}

fn laid_out(row: &[String; 5], tag_width: usize, widths: &[usize], width: usize) -> Vec<String> {
    let used = tag_width + widths[1] + widths[2] + widths[3] + 8;
    let tags = wrap(&row[0], tag_width.max(8));
    let forms = wrap(&row[4], width.saturating_sub(used).max(12));
    let rows = tags.len().max(forms.len());
    let blank = String::new();
    (0..rows)
        .map(|at| {
            let cell = |index: usize| if at == 0 { &row[index] } else { &blank };
            let line = [
                pad(tags.get(at).unwrap_or(&blank), tag_width.max(8)),
                pad(cell(1), widths[1]),
                format!("{:>1$}", cell(2), widths[2]),
                format!("{:>1$}", cell(3), widths[3]),
                forms.get(at).unwrap_or(&blank).clone(),
            ];
            line.join("  ").trim_end().to_owned()
        })
        .collect()
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text::width(text))))
}

/// A finding in lines: mark and name, title, evidence, advice.
pub fn told(finding: &Finding, width: usize, color: bool) -> Vec<String> {
    let (mark, _) = super::mark(finding.severity);
    let head = format!("{}  {}", finding.kind.code, super::name(finding));
    let paint = if color { paint(finding.severity) } else { Ansi::new() };
    let mut lines = Vec::new();
    for (index, line) in wrap(&format!("{mark} {head}"), width).into_iter().enumerate() {
        let indent = if index > 0 { "  " } else { "" };
        lines.push(format!("{indent}{paint}{line}{paint:#}"));
    }
    lines.extend(hanging("  ", &finding.title, width));
    lines.extend(finding.evidence.iter().flat_map(|line| hanging("    ", line, width)));
    if !finding.is_conclusion() {
        for (index, remedy) in finding.remedies.iter().enumerate() {
            let lead = if index == 0 { "  fix: " } else { "       " };
            lines.extend(hanging(lead, &remedy.text(), width));
        }
        let confidence =
            format!("{} · confidence {:.0} %", finding.kind.section, 100.0 * finding.confidence);
        lines.extend(hanging("  ", &confidence, width));
    }
    lines
}

fn paint(severity: Severity) -> Ansi {
    let color = match severity {
        Severity::Bad => AnsiColor::Red,
        Severity::Warn => AnsiColor::Yellow,
        Severity::Info => AnsiColor::Cyan,
        Severity::Ok => AnsiColor::Green,
    };
    Ansi::new().fg_color(Some(color.into())).bold()
}

/// Text after a lead, further lines indented as far as the lead.
pub fn hanging(lead: &str, text: &str, width: usize) -> Vec<String> {
    let indent = " ".repeat(lead.len());
    let lines = wrap(&visible(text), width.saturating_sub(lead.len()).max(20));
    let numbered = lines.into_iter().enumerate();
    numbered
        .map(|(index, line)| format!("{}{line}", if index == 0 { lead } else { &indent }))
        .collect()
}
