//! The parts of a report in order, independent of the medium: title, setup, tables, findings.
//!
//! Built once from a record; `text`, `markdown` and `html` only say how each part looks.
//! Strings are as they came, so a format neutralises every one of them.

mod caption;
mod setup;

use std::borrow::Cow;

use measure::record::{ArmRecord, ExpectationRecord, FindingRecord, RunRecord, Severity};

use crate::change::WITHIN_NOISE;
use crate::compare::{Comparison, Pair};
use crate::formats::Results;
use crate::headline;
use crate::table::{Changes, Table};
use measure::numbers::round_trips;
use text::secret::MASK;
use text::{count, counted};

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
        let mut notes: Vec<String> = record.arms.iter().filter_map(errors_by_reason).collect();
        notes.extend(alike(&sections));
        notes.extend(instrumentation(&record.arms));
        notes.extend(noise(&sections));
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
            alarms: partial(record, "this run").into_iter().chain(part(record)).collect(),
            sections,
            notes,
            findings: &record.findings,
            failed: record.expectations.iter().filter(|expected| !expected.passed).collect(),
            verdict: expectations_verdict(&record.expectations),
            closing: closing(record),
            provenance: vec![Provenance::of(None, record)],
        }
    }

    fn of_comparison(comparison: &Comparison<'a>) -> Self {
        let (a, b) = (comparison.a, comparison.b);
        let forced = comparison.forced.iter().map(|difference| format!("not alike: {difference}"));
        let partial = [partial(a, "run A"), partial(b, "run B")].into_iter().flatten();
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
            notes: noise(&sections)
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

fn partial(record: &RunRecord, which: &str) -> Option<String> {
    let polls = record.arms.iter().fold(0_u64, |sum, arm| sum.saturating_add(arm.polls));
    let missing = record.shard.as_ref().map_or(0, |shard| shard.missing().count());
    if record.partial && missing > 0 && !record.is_part() {
        return Some(format!(
            "PARTIAL: {which} has {} polls, without those of {}.",
            count(polls),
            counted(missing as u64, "shard")
        ));
    }
    record.partial.then(|| {
        format!(
            "PARTIAL: {which} was interrupted after {} polls. What is here was measured, but it \
             is not all that was asked.",
            count(polls)
        )
    })
}

/// One shard is no result: its numbers are a part of those below its title.
fn part(record: &RunRecord) -> Option<String> {
    let shard = record.shard.as_ref().filter(|_| record.is_part())?;
    let [part] = shard.parts.as_slice() else { return None };
    Some(format!("SHARD {part} of {}: its part of the polls alone.", shard.total))
}

/// `errors in before: 3 × refused, 1 × timed out`.
fn errors_by_reason(arm: &ArmRecord) -> Option<String> {
    let reason =
        |error: &measure::record::ErrorRecord| format!("{} × {}", count(error.count), error.reason);
    let reasons: Vec<_> = arm.errors.iter().map(reason).collect();
    (!reasons.is_empty()).then(|| format!("errors in {}: {}", arm.name, reasons.join(", ")))
}

// Both directions over complete responses, so a poll that failed does not thin the mean.
fn instrumentation(arms: &[ArmRecord]) -> Option<String> {
    let sum = |of: fn(&ArmRecord) -> u64| arms.iter().map(of).fold(0, u64::saturating_add);
    let bytes = sum(|arm| arm.bytes.instrumentation);
    let answered = sum(|arm| round_trips(arm).saturating_sub(arm.verdicts.error));
    (bytes > 0 && answered > 0).then(|| {
        let mean = bytes as f64 / answered as f64;
        format!("instrumentation: {mean:.0} B a poll, included above")
    })
}

fn alike(sections: &[Section]) -> Option<String> {
    let alike = sections.iter().flat_map(|section| section.table.alike.iter().map(String::as_str));
    let alike: Vec<_> = alike.collect();
    (!alike.is_empty()).then(|| format!("in every arm: {}", alike.join(", ")))
}

/// Says why a difference is no result, where a table has one that is none.
fn noise(sections: &[Section]) -> Option<String> {
    let rows = sections.iter().flat_map(|section| &section.table.rows);
    let any = rows.filter_map(|row| row.change.as_deref()).any(|change| change == WITHIN_NOISE);
    any.then(|| format!("{WITHIN_NOISE}: two runs of one command differ by as much"))
}

fn expectations_verdict(expectations: &[ExpectationRecord]) -> Option<String> {
    let all = counted(expectations.len() as u64, "expectation");
    let failed = expectations.iter().filter(|expected| !expected.passed).count();
    match (expectations.len(), failed) {
        (0, _) => None,
        (total, 0) => Some(format!("{total} of {all} held")),
        _ => Some(format!("{failed} of {all} failed")),
    }
}
