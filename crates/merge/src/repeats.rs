//! Records of one run that was repeated: what differs between them is its noise.
//!
//! Nothing is averaged. One of the runs stands for all, and beside each number is the range of all.

use std::collections::BTreeMap;

use measure::numbers;
use measure::record::{ArmRecord, RunRecord};

use crate::shards::{MergeError, NamedRecord, check_alike};

/// The spread of runs of one scenario with one seed, in any order; at least two.
pub fn repeats(records: Vec<NamedRecord>) -> Result<RunRecord, MergeError> {
    for named in &records {
        check_alike(&records[0], named)?;
        if named.record.partial {
            return Err(MergeError::Partial(named.place.clone()));
        }
    }
    let mut runs: Vec<_> = records.into_iter().map(|named| named.record).collect();
    if runs.len() < 2 {
        return Err(MergeError::Alone);
    }
    // The one in the middle by its whole time, whatever the order.
    let time = |run: &RunRecord| run.arms.iter().filter_map(|arm| arm.elapsed_s).sum::<f64>();
    runs.sort_by(|a, b| time(a).total_cmp(&time(b)).then_with(|| a.started.cmp(&b.started)));
    let mut record = runs[(runs.len() - 1) / 2].clone();
    for (at, arm) in record.arms.iter_mut().enumerate() {
        let all: Vec<_> = runs.iter().map(|run| &run.arms[at]).collect();
        arm.spread = spread(&all);
    }
    record.repeats = Some(runs.len() as u32);
    Ok(record)
}

/// Least and most of each number that every run has.
fn spread(arms: &[&ArmRecord]) -> BTreeMap<String, [f64; 2]> {
    let range = |(name, value): &numbers::Number| {
        let values = arms.iter().map(|arm| value(arm)).collect::<Option<Vec<f64>>>()?;
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(((*name).to_owned(), [least, most]))
    };
    numbers::all().filter_map(range).collect()
}
