//! The table for a terminal, and below it what the run shows.
//!
//! Every string passes the terminal neutraliser before it is measured, wrapped or coloured.
//! Does not ask whether there is a terminal, how wide it is or whether it has colours.

mod grid;
pub(crate) mod page;

use measure::record::{ExpectationRecord, FindingRecord, Severity};

use self::page::{BAD, FAINT, GOOD, PLAIN, Page, STRONG, WARN};
use crate::document::{Document, Provenance, Section, mark};
use crate::formats::{Results, Style};
use text::{shorten, visible, width, wrap};

const ARM_COLUMNS: usize = 16;

/// For people at a terminal.
pub(crate) fn render(results: Results<'_>, style: Style) -> String {
    Page::new(style).document(&Document::of(results))
}

impl Page {
    fn document(mut self, document: &Document<'_>) -> String {
        self.head(document);
        for section in &document.sections {
            self.section(section);
        }
        self.notes(document);
        self.findings(document);
        self.expectations(&document.failed, document.verdict.as_deref());
        self.paragraph("", document.closing, PLAIN);
        while self.lines.last().is_some_and(String::is_empty) {
            self.lines.pop();
        }
        self.lines.push(String::new());
        self.lines.join("\n")
    }

    fn head(&mut self, document: &Document<'_>) {
        for alarm in &document.alarms {
            self.paragraph("", &format!("! {alarm}"), WARN);
        }
        self.blank();
        self.paragraph("", &document.title.join(" · "), STRONG);
        self.paragraph("", &document.setup.join(" · "), PLAIN);
        let labelled = document.provenance.iter().filter_map(|p| Some((p.label?, p)));
        for (label, Provenance { facts, command, .. }) in labelled {
            self.marked(label, 3, &facts.join(" · "), STRONG);
            self.paragraph("   ", command, PLAIN);
        }
        self.blank();
        self.paragraph("", &document.headline, STRONG);
        self.blank();
    }

    fn section(&mut self, section: &Section) {
        if let Some(heading) = &section.heading {
            self.paragraph("", heading, STRONG);
        }
        self.lines.extend(grid::draw(&section.table, self.columns, self.ink));
        self.blank();
    }

    fn notes(&mut self, document: &Document<'_>) {
        for note in &document.notes {
            self.paragraph("", note, PLAIN);
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
            let style = style(finding.severity);
            self.marked_within(mark(finding.severity), 2, widest + 2, &title, style);
            self.paragraph(&" ".repeat(widest + 4), &finding.evidence, PLAIN);
        }
    }

    fn expectations(&mut self, failed: &[&ExpectationRecord], verdict: Option<&str>) {
        for expected in failed {
            let line = format!("expected  {}   observed {}", expected.text, expected.observed);
            self.marked("✗", 2, &line, BAD);
        }
        match verdict {
            Some(verdict) if failed.is_empty() => self.marked("✓", 2, verdict, GOOD),
            Some(verdict) => self.marked("✗", 2, verdict, BAD),
            None => {}
        }
    }

    /// A coloured mark before text that continues below its own beginning.
    fn marked(&mut self, mark: &str, indent: usize, text: &str, style: anstyle::Style) {
        self.marked_within(mark, indent, 0, &visible(text), style);
    }

    /// The same where the text has a first column: `hang` more columns before the lines below.
    /// The text is neutralised already.
    fn marked_within(
        &mut self,
        mark: &str,
        indent: usize,
        hang: usize,
        text: &str,
        style: anstyle::Style,
    ) {
        let (first, rest) = split_hanging(text, hang);
        let limit = self.columns - indent - hang;
        for (index, line) in wrap(rest, limit).iter().enumerate() {
            if index == 0 {
                let gap = " ".repeat(indent - width(mark));
                self.lines.push(format!("{}{gap}{first}{line}", self.ink.paint(style, mark)));
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

fn style(severity: Severity) -> anstyle::Style {
    match severity {
        Severity::Bad => BAD,
        Severity::Warn => WARN,
        Severity::Info => FAINT,
        Severity::Ok => GOOD,
    }
}
