//! Tidy CSV: one row per arm, plain numbers, an empty cell where nothing was measured.
//!
//! A comparison has one row per arm and number. Text is guarded against being calculated.

use crate::compare::Pair;
use crate::formats::{RenderError, Results};
use measure::numbers;
use measure::record::{ArmRecord, RunRecord};
use text::csv::cell;

// The same columns for every run, so that files of several runs can be put together. New ones are
// appended: somebody may count them.
const SUBJECT: [&str; 6] = ["scenario", "seed", "partial", "arm", "strategy", "policy"];
const SETUP: [&str; 7] =
    ["started", "version", "cadence", "edge", "codings", "accept_encoding", "content_bytes"];

fn subject(record: &RunRecord, arm: &ArmRecord) -> [String; 6] {
    [
        cell(&record.scenario.name),
        record.scenario.seed.to_string(),
        record.partial.to_string(),
        cell(&arm.name),
        cell(&arm.strategy),
        cell(&arm.setup.policy),
    ]
}

fn setup(record: &RunRecord, arm: &ArmRecord) -> [String; 7] {
    let scenario = &record.scenario;
    [
        cell(&record.started),
        cell(&record.tool.version),
        cell(&arm.setup.cadence),
        cell(&arm.setup.edge),
        cell(&scenario.codings.join(" ")),
        cell(&arm.setup.accept_encoding.join(" / ")),
        plain(scenario.resource_bytes.map(|bytes| bytes as f64)),
    ]
}

/// For spreadsheets and data frames.
pub(crate) fn render(results: Results<'_>) -> Result<String, RenderError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    match results {
        Results::Run(record) => {
            let names = numbers::all().map(|(name, _)| *name);
            writer.write_record(SUBJECT.into_iter().chain(names).chain(SETUP))?;
            for arm in &record.arms {
                let numbers = numbers::all().map(|(_, number)| plain(number(arm)));
                let cells = subject(record, arm).into_iter().chain(numbers);
                writer.write_record(cells.chain(setup(record, arm)))?;
            }
        }
        Results::Comparison(comparison) => {
            writer.write_record(["arm_a", "arm_b", "metric", "a", "b", "change"])?;
            for pair in &comparison.pairs {
                let names = [cell(&pair.a.name), cell(&pair.b.name)];
                for (metric, numbers) in compared(pair) {
                    let values = [metric.to_owned()].into_iter().chain(numbers.map(plain));
                    writer.write_record(names.iter().cloned().chain(values))?;
                }
            }
        }
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8(bytes).expect("the writer was given strings only"))
}

/// Each number of both arms, and the second less the first where both were measured.
pub(super) fn compared(pair: &Pair<'_>) -> impl Iterator<Item = (&'static str, [Option<f64>; 3])> {
    let Pair { a, b } = *pair;
    numbers::all().map(move |(name, number)| {
        let (from, to) = (number(a), number(b));
        (*name, [from, to, from.zip(to).map(|(from, to)| to - from)])
    })
}

// Digits, a point, a hyphen for minus: what every parser of numbers reads.
fn plain(number: Option<f64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}
