//! How long somebody waits who types `etag-lab run`.

use anyhow::Result;

use crate::bench::Bench;
use crate::measured::{Candidate, in_turn};
use crate::peers::lab;
use crate::record::{Comparison, Row, Run, Target};
use crate::rows::Entry;

pub(crate) const ENTRY: Entry =
    Entry { name: "startup", title: "`etag-lab run` with defaults, from start to table", measure };

const RUNS: u32 = 10;

fn measure(bench: &Bench) -> Result<Row> {
    let once = || {
        let wall = lab::defaults(bench)?.wall.as_secs_f64();
        Ok(Run { value: wall, ..Run::default() })
    };
    let contestants = in_turn(RUNS, "s", vec![Candidate::new("etag-lab run", once)])?;
    let values = contestants[0].runs.iter().map(|run| run.value).collect();
    let what = "`etag-lab run` with defaults, from process start to exit";
    Ok(Row {
        name: ENTRY.name,
        title: ENTRY.title,
        setup: format!("{RUNS} runs one after the other: two arms, three replica processes each."),
        comparisons: vec![Comparison::of_values(what, "s", values, Target::AtMost(0.5))],
        contestants,
    })
}
