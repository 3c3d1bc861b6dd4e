//! The words of the page: title, alarms, findings, expectations, provenance.
//!
//! Numbers in figures are drawn elsewhere.

use measure::record::{FindingRecord, Severity};

use super::markup::{Element, words};
use super::tables;
use crate::document::{Document, Provenance, Section, mark};

pub(super) fn header(document: &Document<'_>) -> Element {
    let title = document.title.join(" · ");
    let header = Element::new("header");
    let header = match document.headline.as_str() {
        "" => header.child(words("h1", &title)),
        headline => header.child(words("p", &title).class("eyebrow")).child(headline_of(headline)),
    };
    let paragraph = |class, text: &str| (!text.is_empty()).then(|| words("p", text).class(class));
    header
        .children(paragraph("lead", document.summary.trim()))
        .children(setup(&document.setup))
        .children(document.provenance.iter().filter_map(run))
}

// Each item stays in one piece: a number is not parted from its unit.
pub(super) fn setup(items: &[String]) -> Option<Element> {
    let (last, others) = items.split_last()?;
    let paragraph = Element::new("p").class("setup");
    let paragraph = others.iter().fold(paragraph, |paragraph, item| {
        paragraph.child(words("span", &format!("{item} ·"))).text(" ")
    });
    Some(paragraph.child(words("span", last)))
}

fn run(Provenance { label, facts, .. }: &Provenance<'_>) -> Option<Element> {
    let label = words("b", (*label)?);
    Some(Element::new("p").class("setup").child(label).text(&format!(" {}", facts.join(" · "))))
}

/// Letters that fit into two lines of the largest size.
const LONG_HEADLINE: usize = 56;

// A number stays with its sign.
fn headline_of(text: &str) -> Element {
    let unbroken = text.replace(" %", "\u{a0}%").replace(" × the", "\u{a0}×\u{a0}the");
    let unbroken = unbroken.replace("304 rate ", "304\u{a0}rate\u{a0}");
    // Names of arms are not parted at their hyphens.
    let unbroken = unbroken.replace(" → ", "\u{a0}→ ").replace('-', "\u{2011}");
    let size = if text.chars().count() > LONG_HEADLINE { "long" } else { "short" };
    words("h1", &unbroken).class(size)
}

pub(super) fn alarm(text: &str) -> Element {
    let mark = words("span", "! ").class("mark");
    Element::new("p").class("alarm").with("role", "note").child(mark).text(text)
}

const NARROW: usize = 2;

/// The tables, and beside them what they show.
pub(super) fn results(document: &Document<'_>) -> Element {
    let wide = document.sections.iter().any(|section| section.table.names.len() > NARROW);
    let tables = Element::new("div")
        .children(document.sections.iter().map(section))
        .children(document.notes.iter().map(|note| words("p", note).class("note")));
    Element::new("div")
        .class(if wide { "results wide" } else { "results" })
        .child(tables)
        .children(shown(document))
}

fn section(Section { heading, table }: &Section) -> Element {
    let title = heading.as_deref().unwrap_or("What was measured");
    Element::new("section").child(words("h2", title)).child(tables::metrics(table, title))
}

fn shown(document: &Document<'_>) -> Option<Element> {
    let findings = document.findings.iter().map(finding);
    let items: Vec<_> = findings.chain(expectations(document)).collect();
    let closing =
        (!document.closing.is_empty()).then(|| words("p", document.closing).class("closing"));
    let any = !items.is_empty();
    let list = any.then(|| Element::new("ul").class("findings").children(items));
    (any || closing.is_some()).then(|| {
        Element::new("section").child(words("h2", "What it shows")).children(list).children(closing)
    })
}

pub(super) fn finding(finding: &FindingRecord) -> Element {
    let (class, meaning) = match finding.severity {
        Severity::Bad => ("bad", "bad"),
        Severity::Warn => ("warn", "warning"),
        Severity::Info => ("info", "note"),
        Severity::Ok => ("good", "good"),
    };
    let arm = finding.arm.as_deref().unwrap_or("run");
    let label = Element::new("p")
        .class("about")
        .child(words("b", arm))
        .children((!finding.code.is_empty()).then(|| words("code", &finding.code)));
    let evidence =
        (!finding.evidence.is_empty()).then(|| words("p", &finding.evidence).class("evidence"));
    let item = item(mark(finding.severity), class, meaning);
    item.child(label).child(words("p", &finding.title)).children(evidence)
}

fn expectations<'a>(document: &'a Document<'_>) -> impl Iterator<Item = Element> + 'a {
    let failed = document.failed.iter().map(|expected| {
        let label = Element::new("p").class("about").child(words("b", "expected"));
        item("✗", "bad", "failed")
            .child(label)
            .child(words("p", &expected.text))
            .child(words("p", &format!("observed {}", expected.observed)).class("evidence"))
    });
    let held = document.failed.is_empty();
    let (mark, class) = if held { ("✓", "good") } else { ("✗", "bad") };
    let verdict = document.verdict.as_deref();
    failed.chain(verdict.map(move |verdict| {
        item(mark, class, if held { "held" } else { "failed" }).child(words("p", verdict))
    }))
}

// Its mark is read as a word by those who do not see it.
fn item(mark: &str, class: &str, meaning: &str) -> Element {
    let mark = words("span", mark).class("mark").with("role", "img").with("aria-label", meaning);
    Element::new("li").class(class).child(mark)
}

pub(super) fn footer(document: &Document<'_>) -> Element {
    Element::new("footer")
        .child(words("h2", "How to measure it again"))
        .children(document.provenance.iter().flat_map(provenance))
}

fn provenance(Provenance { label, command, facts }: &Provenance<'_>) -> [Element; 2] {
    let facts = Element::new("p")
        .children(label.map(|label| words("b", &format!("{label} "))))
        .text(&format!("Measured by {}.", facts.join(", ")));
    [Element::new("pre").child(words("code", command)), facts]
}
