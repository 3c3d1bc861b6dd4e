//! The record itself, pretty: what `load` reads back and users' scripts rely on.
//!
//! Adds nothing to a run. A comparison has a schema of its own, mirrored by the structs here.

use measure::record::{ArmRecord, ComparisonRecord, RunRecord, ToolRecord};
use serde::Serialize;

use crate::compare::{Difference, Pair};
use crate::formats::csv::compared;
use crate::formats::{RenderError, Results};
use text::json;

const COMPARISON_SCHEMA: &str = "etag-lab.compare/1";

/// For programs, and for rendering again.
pub(crate) fn render(results: Results<'_>) -> Result<String, RenderError> {
    let text = match results {
        // The last line of a log is then the whole record of a shard.
        Results::Run(record) if record.is_part() => serde_json::to_string(record),
        Results::Run(record) => serde_json::to_string_pretty(record),
        Results::Comparison(both) => serde_json::to_string_pretty(&ComparisonFile {
            schema: COMPARISON_SCHEMA,
            a: run(both.a),
            b: run(both.b),
            forced: &both.forced,
            noted: &both.noted,
            arms: both.pairs.iter().map(pair).collect(),
        }),
    };
    Ok(json::escape(&text?) + "\n")
}

#[derive(Serialize)]
struct ComparisonFile<'a> {
    schema: &'static str,
    a: RunFile<'a>,
    b: RunFile<'a>,
    forced: &'a [Difference],
    noted: &'a [Difference],
    arms: Vec<PairFile<'a>>,
}

// Enough to know the run again; the run's own file has the rest.
#[derive(Serialize)]
struct RunFile<'a> {
    name: &'a str,
    tool: &'a ToolRecord,
    command: &'a str,
    started: &'a str,
    partial: bool,
}

#[derive(Serialize)]
struct PairFile<'a> {
    a: &'a ArmRecord,
    b: &'a ArmRecord,
    metrics: Vec<MetricFile>,
    comparison: Option<ComparisonRecord>,
}

/// One number of both arms; `change` is `b` less `a`, `null` when either was not measured.
#[derive(Serialize)]
struct MetricFile {
    metric: &'static str,
    a: Option<f64>,
    b: Option<f64>,
    change: Option<f64>,
}

fn run(record: &RunRecord) -> RunFile<'_> {
    RunFile {
        name: &record.scenario.name,
        tool: &record.tool,
        command: &record.command,
        started: &record.started,
        partial: record.partial,
    }
}

fn pair<'a>(&Pair { a, b }: &Pair<'a>) -> PairFile<'a> {
    let metrics = compared(&Pair { a, b })
        .map(|(metric, [a, b, change])| MetricFile { metric, a, b, change })
        .collect();
    PairFile { a, b, metrics, comparison: measure::compare(&[a.clone(), b.clone()]) }
}
