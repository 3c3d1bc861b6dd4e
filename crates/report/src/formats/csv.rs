//! Tidy CSV: one row per arm, plain numbers, an empty cell where nothing was measured.
//!
//! A comparison has one row per arm and number. Text is guarded against being calculated.

mod numbers;

use measure::record::{ArmRecord, RunRecord};

pub(super) use self::numbers::{Columns, Number};
use crate::compare::Comparison;
use crate::format::{Format, RenderError, Style};
use text::csv::cell;

/// For spreadsheets and data frames.
pub(crate) struct Csv;

impl Format for Csv {
    fn render(&self, record: &RunRecord, _style: Style) -> Result<String, RenderError> {
        let columns = Columns::of(record.arms.iter());
        let names = record.arms.first().map(|arm| columns.numbers(arm)).unwrap_or_default();
        let texts = ["scenario", "seed", "partial", "arm", "strategy", "policy"];
        let header = texts.into_iter().chain(names.iter().map(|(name, _)| *name));
        let header = header.map(str::to_owned).collect();
        let rows = record.arms.iter().map(|arm| arm_row(record, arm, columns));
        written([header].into_iter().chain(rows))
    }

    fn render_comparison(
        &self,
        comparison: &Comparison<'_>,
        _style: Style,
    ) -> Result<String, RenderError> {
        let header = ["arm_a", "arm_b", "metric", "a", "b", "change"].map(str::to_owned).to_vec();
        let rows = comparison.pairs.iter().flat_map(|pair| {
            let names = [cell(&pair.a.name), cell(&pair.b.name)];
            let columns = Columns::of([pair.a, pair.b].into_iter());
            let both = columns.numbers(pair.a).into_iter().zip(columns.numbers(pair.b));
            both.map(move |((metric, a), (_, b))| {
                let change = a.change_to(b);
                let values = [metric.to_owned(), a.to_string(), b.to_string(), change.to_string()];
                names.iter().cloned().chain(values).collect()
            })
        });
        written([header].into_iter().chain(rows))
    }
}

fn arm_row(record: &RunRecord, arm: &ArmRecord, columns: Columns) -> Vec<String> {
    let texts = [
        cell(&record.scenario.name),
        record.scenario.seed.to_string(),
        record.partial.to_string(),
        cell(&arm.name),
        cell(&arm.strategy),
        cell(&arm.setup.policy),
    ];
    let numbers = columns.numbers(arm).into_iter().map(|(_, number)| number.to_string());
    texts.into_iter().chain(numbers).collect()
}

fn written(rows: impl Iterator<Item = Vec<String>>) -> Result<String, RenderError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8(bytes).expect("the writer was given strings only"))
}
