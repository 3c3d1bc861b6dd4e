//! Markdown to paste into a post-mortem: tables with numbers to the right, findings as a list,
//! and one line that says how to get the same numbers.
//!
//! GitHub's dialect. Every string passes the Markdown neutraliser; widths do not matter here.

use measure::record::FindingRecord;

use crate::cell::Cell;
use crate::document::{Document, Provenance, Section, mark};
use crate::formats::Results;
use crate::table::{Grid, Heading, Line, Trait};
use text::markdown::{code, escape};

/// Blocks with an empty line between them.
pub(crate) fn render(results: Results<'_>) -> String {
    let document = &Document::of(results);
    let mut blocks = vec![format!("### {}", escape(&document.title.join(" · ")))];
    blocks.extend(document.alarms.iter().map(|alarm| format!("> **!** {}", escape(alarm))));
    let headline = escape(&document.headline);
    blocks.extend((!headline.is_empty()).then(|| format!("**{}**", unbroken(&headline))));
    blocks.extend(paragraph(&document.summary));
    blocks.extend(paragraph(&document.setup.join(" · ")));
    for Section { heading, table } in &document.sections {
        blocks.extend(heading.as_deref().map(|heading| format!("#### {}", escape(heading))));
        blocks.push(grid_lines(&table.grid()));
    }
    blocks.extend(document.notes.iter().filter_map(|note| paragraph(note)));
    let items: Vec<_> =
        document.findings.iter().map(finding).chain(expectations(document)).collect();
    blocks.extend((!items.is_empty()).then(|| items.join("\n")));
    blocks.extend(paragraph(document.closing));
    blocks.extend(document.provenance.iter().map(provenance));
    blocks.join("\n\n") + "\n"
}

/// Text as a block of its own, which could begin with the mark of a list or a rule.
fn paragraph(words: &str) -> Option<String> {
    let words = escape(words.trim());
    (!words.is_empty()).then(|| match block_mark(&words) {
        Some(mark) => format!("{}\\{}", &words[..mark], &words[mark..]),
        None => words,
    })
}

/// Position of a list mark, a rule or a heading's underline at the beginning of a line; the marks
/// that are escaped everywhere are not among them.
fn block_mark(line: &str) -> Option<usize> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match line.as_bytes().get(digits)? {
        b'.' | b')' if digits > 0 => Some(digits),
        b'-' | b'+' | b'=' if digits == 0 => Some(0),
        _ => None,
    }
}

fn grid_lines(grid: &Grid<'_>) -> String {
    let heading = |heading: &Heading| escape(heading.words.join(" ").trim());
    let aligned = |heading: &Heading| if heading.is_number { "---:" } else { ":---" }.to_owned();
    let subheading = |subheading: &Trait| {
        let values = subheading.values.iter().map(|value| escape(value));
        let mut cells: Vec<_> = [subheading.label.to_owned()].into_iter().chain(values).collect();
        cells.resize(grid.headings.len(), String::new());
        cells
    };
    let mut lines =
        vec![line(grid.headings.iter().map(heading)), line(grid.headings.iter().map(aligned))];
    lines.extend(grid.subheadings.iter().map(|each| line(subheading(each))));
    lines.extend(grid.lines.iter().map(|each| line(cells(each))));
    lines.join("\n")
}

// Nothing can be indented in a cell, so a detail says what it is a detail of.
fn cells(line: &Line) -> Vec<String> {
    let mut cells: Vec<String> = line.cells.iter().map(cell).collect();
    if let (Some(parent), [label, ..]) = (line.detail_of, &mut cells[..]) {
        *label = format!("{parent}: {label}");
    }
    cells
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    format!("| {} |", cells.into_iter().collect::<Vec<_>>().join(" | "))
}

fn cell(Cell { text: value, note, .. }: &Cell) -> String {
    let value = unbroken(&escape(value));
    match note {
        Some(note) => format!("{value} ({})", escape(note)),
        None => value,
    }
}

/// No line break between a number and what follows it: `315,080 B`, `55.7 × less`.
fn unbroken(words: &str) -> String {
    let mut kept = String::with_capacity(words.len());
    let mut is_number = false;
    for (index, word) in words.split(' ').enumerate() {
        let joined = is_number || ["B", "%", "×", "µs", "ms", "s", "/", "MB"].contains(&word);
        kept.push_str(match index {
            0 => "",
            _ if joined => "\u{a0}",
            _ => " ",
        });
        kept.push_str(word);
        // A sign alone, such as `<` or `×`, belongs to the number beside it.
        let ends = |c: char| c.is_alphabetic() || ";→".contains(c);
        is_number = !word.is_empty() && !word.contains(ends);
    }
    kept
}

fn finding(finding: &FindingRecord) -> String {
    let mark = mark(finding.severity);
    let arm = escape(finding.arm.as_deref().unwrap_or("run"));
    let code =
        if finding.code.is_empty() { String::new() } else { format!(" {}", escape(&finding.code)) };
    let title = format!("- {mark} **{arm}**{code} {}", escape(&finding.title));
    if finding.evidence.is_empty() {
        title
    } else {
        // A hard break keeps the evidence in the item, below its title.
        format!("{title}\\\n  ↳ {}", escape(&finding.evidence))
    }
}

fn expectations<'a>(document: &'a Document<'_>) -> impl Iterator<Item = String> + 'a {
    let failed = document.failed.iter().map(|expected| {
        format!("- ✗ expected {}, observed {}", escape(&expected.text), escape(&expected.observed))
    });
    let mark = if document.failed.is_empty() { "✓" } else { "✗" };
    let verdict =
        document.verdict.as_deref().map(|verdict| format!("- {mark} {}", escape(verdict)));
    failed.chain(verdict)
}

fn provenance(Provenance { label, command, facts }: &Provenance<'_>) -> String {
    let label = label.map(|label| format!("{label}: ")).unwrap_or_default();
    format!("{label}Measured by {}. Reproduce: {}", escape(&facts.join(", ")), code(command))
}
