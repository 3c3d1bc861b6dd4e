//! The table for a terminal, and below it what the run shows.
//!
//! Every string passes the terminal neutraliser before it is measured, wrapped or coloured.
//! Does not ask whether there is a terminal, how wide it is or whether it has colours.

mod grid;
pub(crate) mod ink;

use measure::record::{ExpectationRecord, FindingRecord, Severity};

use self::ink::Ink;
use crate::document::{Document, Provenance, Section, mark};
use crate::formats::{RenderError, Results, Style};
use text::{shorten, visible, width, wrap};

/// Narrower than this a table is only a heap of letters.
const NARROWEST: usize = 40;

/// Longest name of an arm in front of a finding.
const ARM_COLUMNS: usize = 16;

/// For people at a terminal.
pub(crate) fn render(results: Results<'_>, style: Style) -> Result<String, RenderError> {
    let columns = style.width.max(NARROWEST);
    let page = TextPage { lines: Vec::new(), ink: Ink(style.color), columns };
    Ok(page.document(&Document::of(results)))
}

/// Lines as they pile up.
struct TextPage {
    lines: Vec<String>,
    ink: Ink,
    columns: usize,
}

impl TextPage {
    fn document(mut self, document: &Document<'_>) -> String {
        self.head(document);
        for section in &document.sections {
            self.section(section);
        }
        self.notes(document);
        self.findings(document);
        self.expectations(&document.failed, document.verdict.as_deref());
        self.paragraph(document.closing, 0, Ink::plain);
        while self.lines.last().is_some_and(String::is_empty) {
            self.lines.pop();
        }
        self.lines.push(String::new());
        self.lines.join("\n")
    }

    fn head(&mut self, document: &Document<'_>) {
        for alarm in &document.alarms {
            self.paragraph(&format!("! {alarm}"), 0, Ink::warn);
        }
        self.blank();
        self.paragraph(&document.title.join(" · "), 0, Ink::strong);
        self.paragraph(&document.setup.join(" · "), 0, Ink::plain);
        let labelled = document.provenance.iter().filter_map(|p| Some((p.label?, p)));
        for (label, Provenance { facts, command, .. }) in labelled {
            self.marked(label, 3, &facts.join(" · "), Ink::strong);
            self.paragraph(command, 3, Ink::plain);
        }
        self.blank();
    }

    fn section(&mut self, section: &Section) {
        if let Some(heading) = &section.heading {
            self.paragraph(heading, 0, Ink::strong);
        }
        self.lines.extend(grid::draw(&section.table, self.columns, self.ink));
        self.blank();
    }

    fn notes(&mut self, document: &Document<'_>) {
        for note in &document.notes {
            self.paragraph(note, 0, Ink::plain);
        }
        self.blank();
    }

    fn findings(&mut self, document: &Document<'_>) {
        let name = |finding: &FindingRecord| {
            let arm = finding.arm.as_deref().unwrap_or("run");
            shorten(&visible(arm), ARM_COLUMNS)
        };
        let widest = document.findings.iter().map(|f| width(&name(f))).max().unwrap_or(0);
        for finding in document.findings {
            let name = name(finding);
            let pad = " ".repeat(widest - width(&name));
            let code = visible(&finding.code);
            let gap = if code.is_empty() { "" } else { "  " };
            let title = format!("{name}{pad}  {code}{gap}{}", visible(&finding.title));
            let paint = match finding.severity {
                Severity::Bad => Ink::bad,
                Severity::Warn => Ink::warn,
                Severity::Info => Ink::faint,
                Severity::Ok => Ink::good,
            };
            self.marked_within(mark(finding.severity), 2, widest + 2, &title, paint);
            self.paragraph(&finding.evidence, widest + 4, Ink::plain);
        }
    }

    fn expectations(&mut self, failed: &[&ExpectationRecord], verdict: Option<&str>) {
        for expected in failed {
            let line = format!("expected  {}   observed {}", expected.text, expected.observed);
            self.marked("✗", 2, &line, Ink::bad);
        }
        match verdict {
            Some(verdict) if failed.is_empty() => self.marked("✓", 2, verdict, Ink::good),
            Some(verdict) => self.marked("✗", 2, verdict, Ink::bad),
            None => {}
        }
    }

    /// Wrapped and indented text; no line for empty text.
    fn paragraph(&mut self, text: &str, indent: usize, paint: fn(Ink, &str) -> String) {
        if text.is_empty() {
            return;
        }
        let pad = " ".repeat(indent);
        for line in wrap(&visible(text), self.columns - indent) {
            self.lines.push(format!("{pad}{}", paint(self.ink, &line)));
        }
    }

    /// A coloured mark before text that continues below its own beginning.
    fn marked(&mut self, mark: &str, indent: usize, text: &str, paint: fn(Ink, &str) -> String) {
        self.marked_within(mark, indent, 0, &visible(text), paint);
    }

    /// The same where the text has a first column: `hang` more columns before the lines below.
    /// The text is neutralised already.
    fn marked_within(
        &mut self,
        mark: &str,
        indent: usize,
        hang: usize,
        text: &str,
        paint: fn(Ink, &str) -> String,
    ) {
        let (first, rest) = split_hanging(text, hang);
        let limit = self.columns - indent - hang;
        for (index, line) in wrap(rest, limit).iter().enumerate() {
            if index == 0 {
                let gap = " ".repeat(indent - width(mark));
                self.lines.push(format!("{}{gap}{first}{line}", paint(self.ink, mark)));
            } else {
                self.lines.push(format!("{}{line}", " ".repeat(indent + hang)));
            }
        }
    }

    /// One empty line, never two, and none at the top.
    fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
    }
}

/// The first column of a line, `hang` columns wide, and what follows.
fn split_hanging(text: &str, hang: usize) -> (&str, &str) {
    let end = text.char_indices().map(|(at, _)| at).find(|&at| width(&text[..at]) >= hang);
    text.split_at(end.unwrap_or(0))
}
