//! The record of a whole scenario, arm after arm.

use std::time::SystemTime;

use measure::record::RunRecord;
use scenario::Scenario;

use crate::editions::Editions;
use crate::limits::NotModelled;
use crate::record::{self, Circumstances};
use crate::{outcome_of, prediction};

/// Value of [`RunRecord::source`].
pub const SOURCE: &str = "model";

/// Models every arm; `now` is the time on the clock of the servers. Where one is not modelled, the error
/// has its name.
pub fn of_scenario(
    scenario: &Scenario,
    circumstances: Circumstances,
    now: SystemTime,
) -> Result<RunRecord, (String, NotModelled)> {
    let editions = Editions::of(scenario);
    let (mut arms, mut findings) = (Vec::new(), Vec::new());
    for arm in &scenario.arms {
        let outcome = outcome_of(scenario, arm, &editions, now);
        let outcome = outcome.map_err(|error| (arm.name.clone(), error))?;
        let prediction = prediction::of(scenario, arm, &editions, now);
        let mut record = record::arm(scenario, arm, &outcome.tally, prediction);
        // Nothing here takes time.
        record.elapsed_s = None;
        record.latency_histograms = None;
        record.shared_store = outcome.counts.map(|counts| record::sharing(arm, &record, counts));
        findings.extend(record::findings(arm, &outcome.tally, &record));
        arms.push(record);
    }
    let record = record::of_scenario(scenario, circumstances, arms, findings);
    Ok(RunRecord { source: SOURCE.to_owned(), ..record })
}
