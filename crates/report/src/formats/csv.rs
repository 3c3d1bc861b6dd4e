//! Tidy CSV: one row per arm, plain numbers, an empty cell where nothing was measured.
//!
//! A comparison has one row per arm and number. Text is guarded against being calculated.

use crate::compare::Pair;
use crate::formats::{RenderError, Results};
use crate::numbers::columns;
use text::csv::cell;

/// For spreadsheets and data frames.
pub(crate) fn render(results: Results<'_>) -> Result<String, RenderError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    match results {
        Results::Run(record) => {
            let arms: Vec<_> = record.arms.iter().collect();
            let texts = ["scenario", "seed", "partial", "arm", "strategy", "policy"];
            writer.write_record(texts.into_iter().chain(columns(&arms).map(|(name, _)| *name)))?;
            for arm in &arms {
                let texts = [
                    cell(&record.scenario.name),
                    record.scenario.seed.to_string(),
                    record.partial.to_string(),
                    cell(&arm.name),
                    cell(&arm.strategy),
                    cell(&arm.setup.policy),
                ];
                let numbers = columns(&arms).map(|(_, number)| plain(number(arm)));
                writer.write_record(texts.into_iter().chain(numbers))?;
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
    columns(&[a, b]).map(move |(name, number)| {
        let (from, to) = (number(a), number(b));
        (*name, [from, to, from.zip(to).map(|(from, to)| to - from)])
    })
}

// Digits, a point, a hyphen for minus: what every parser of numbers reads.
fn plain(number: Option<f64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}
