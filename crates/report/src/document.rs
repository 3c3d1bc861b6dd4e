//! The parts of a report in order, independent of the medium: title, setup, tables, findings.
//!
//! Built once from a record; `text`, `markdown` and `html` only say how each part looks.
//! Strings are as they came, so a format neutralises every one of them.

mod caption;
mod notes;
mod setup;

use std::borrow::Cow;

use measure::record::{ExpectationRecord, FindingRecord, RunRecord, Severity};

use crate::compare::{Comparison, Pair};
use crate::formats::Results;
use crate::headline;
use crate::table::{Changes, Table};
use text::counted;
use text::secret::MASK;

// Below the table of a run without a lesson of its own, because fewer bytes are easily read as fewer
// requests.
const CLOSING: &str = "A 304 saves the content, not the round trip.";

const CLOSING_FRESH: &str =
    "A 304 saves the content, not the round trip. A fresh hit saves both, and shows changes late.";

pub(crate) struct Document<'a> {
    pub(crate) title: Vec<String>,
    pub(crate) headline: String,
    /// One sentence about the run; empty when there is none.
    pub(crate) summary: Cow<'a, str>,
    pub(crate) setup: Vec<String>,
    /// To be read before any number.
    pub(crate) alarms: Vec<String>,
    pub(crate) sections: Vec<Section>,
    pub(crate) notes: Vec<String>,
    /// Worst first.
    pub(crate) findings: &'a [FindingRecord],
    pub(crate) failed: Vec<&'a ExpectationRecord>,
    /// Number of expectations that held, in a sentence; `None` without expectations.
    pub(crate) verdict: Option<String>,
    /// The lesson, which is the last line.
    pub(crate) closing: &'a str,
    pub(crate) provenance: Vec<Provenance<'a>>,
}

pub(crate) struct Section {
    pub(crate) heading: Option<String>,
    pub(crate) table: Table,
}

pub(crate) struct Provenance<'a> {
    /// `A` or `B` in a comparison.
    pub(crate) label: Option<&'static str>,
    pub(crate) command: &'a str,
    pub(crate) facts: Vec<String>,
}

impl<'a> Document<'a> {
    pub(crate) fn of(results: Results<'a>) -> Self {
        match results {
            Results::Run(record) => Self::of_run(record),
            Results::Comparison(comparison) => Self::of_comparison(comparison),
        }
    }

    pub(crate) fn of_run(record: &'a RunRecord) -> Self {
        let columns: Vec<_> = record.arms.iter().map(|arm| (&*arm.name, arm)).collect();
        let table = Table::of(&columns, Changes::Headline);
        let sections = vec![Section { heading: None, table }];
        let mut notes: Vec<String> =
            record.arms.iter().filter_map(notes::errors_by_reason).collect();
        notes.extend(notes::alike(&sections));
        notes.extend(notes::instrumentation(&record.arms));
        notes.extend(notes::noise(&sections));
        notes.extend(record.repeats.map(|runs| {
            format!("beside each number: the range of {runs} runs, of which one stands for all")
        }));
        Self {
            title: vec![
                format!("etag-lab {}", record.tool.version),
                record.scenario.name.clone(),
                format!("seed {}", record.scenario.seed),
            ],
            headline: headline::of(record),
            summary: summary(record),
            setup: setup::parts(record),
            alarms: notes::partial(record, "this run")
                .into_iter()
                .chain(notes::part(record))
                .collect(),
            sections,
            notes,
            findings: &record.findings,
            failed: record.expectations.iter().filter(|expected| !expected.passed).collect(),
            verdict: notes::expectations_verdict(&record.expectations),
            closing: closing(record),
            provenance: vec![Provenance::of(None, record)],
        }
    }

    fn of_comparison(comparison: &Comparison<'a>) -> Self {
        let (a, b) = (comparison.a, comparison.b);
        let forced = comparison.forced.iter().map(|difference| format!("not alike: {difference}"));
        let partial =
            [notes::partial(a, "run A"), notes::partial(b, "run B")].into_iter().flatten();
        let name = |run: &RunRecord| run.scenario.name.clone();
        let sections: Vec<_> = comparison.pairs.iter().map(Section::of_pair).collect();
        let mut title = vec!["etag-lab compare".to_owned(), name(a)];
        if name(a) != name(b) {
            title.push(name(b));
        }
        Self {
            title,
            headline: String::new(),
            summary: Cow::Borrowed(""),
            setup: setup::parts(a),
            alarms: forced.chain(partial).collect(),
            notes: notes::noise(&sections)
                .into_iter()
                .chain(comparison.noted.iter().map(|difference| format!("differs: {difference}")))
                .collect(),
            sections,
            findings: &[],
            failed: Vec::new(),
            verdict: None,
            closing: "",
            provenance: vec![Provenance::of(Some("A"), a), Provenance::of(Some("B"), b)],
        }
    }
}

impl Section {
    fn of_pair(pair: &Pair<'_>) -> Self {
        let heading = if pair.a.name == pair.b.name {
            pair.a.name.clone()
        } else {
            format!("{} / {}", pair.a.name, pair.b.name)
        };
        Self {
            heading: Some(heading),
            table: Table::of(&[("A", pair.a), ("B", pair.b)], Changes::Every),
        }
    }
}

impl<'a> Provenance<'a> {
    fn of(label: Option<&'static str>, record: &'a RunRecord) -> Self {
        let mut facts = vec![
            format!("etag-lab {}", record.tool.version),
            format!("seed {}", record.scenario.seed),
            counted(record.machine.cpus as u64, "CPU"),
            record.machine.os.clone(),
            record.started.clone(),
        ];
        // Whoever pastes the command has to know that it is not complete.
        facts
            .extend(record.command.contains(MASK).then(|| format!("credentials masked as {MASK}")));
        Self { label, command: &record.command, facts }
    }
}

/// The mark of a finding, which says the same as its colour.
pub(crate) fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Bad => "✗",
        Severity::Warn => "!",
        Severity::Info => "·",
        Severity::Ok => "✓",
    }
}

// A sentence about the scenario as it was shipped would be false under flags.
fn summary(record: &RunRecord) -> Cow<'_, str> {
    if record.scenario.changed {
        Cow::Owned(caption::of(record))
    } else {
        Cow::Borrowed(&record.scenario.summary)
    }
}

fn closing(record: &RunRecord) -> &str {
    let arms = &record.arms;
    if !record.scenario.lesson.is_empty() {
        &record.scenario.lesson
    } else if arms.iter().any(|arm| arm.verdicts.fresh_hit > 0) {
        CLOSING_FRESH
    } else if arms.iter().any(|arm| arm.counts.not_modified > 0) {
        CLOSING
    } else {
        ""
    }
}
