//! The record of a whole scenario, arm after arm.

use std::time::SystemTime;

use measure::record::RunRecord;
use scenario::Scenario;

use crate::editions::Editions;
use crate::limits::NotModelled;
use crate::record::{self, Circumstances};
use crate::{Method, outcome_of, prediction};

/// Value of [`RunRecord::source`].
pub const SOURCE: &str = "model";

/// Models every arm; `now` is the time on the clock of the servers, and with `each` no client stands for
/// others. Returns also the way in
/// which each was modelled. Where one is not modelled, the error has its name.
pub fn of_scenario(
    scenario: &Scenario,
    circumstances: Circumstances,
    now: SystemTime,
    each: bool,
) -> Result<(RunRecord, Vec<Method>), (String, NotModelled)> {
    let editions = Editions::of(scenario);
    let (mut arms, mut findings, mut methods) = (Vec::new(), Vec::new(), Vec::new());
    for arm in &scenario.arms {
        let outcome = outcome_of(scenario, arm, &editions, now, each);
        let outcome = outcome.map_err(|error| (arm.name.clone(), error))?;
        let prediction = prediction::of(scenario, arm, &editions, now);
        let mut record = record::arm(scenario, arm, &outcome.tally, prediction);
        // Nothing here takes time.
        record.elapsed_s = None;
        record.latency_histograms = None;
        record.shared_store = outcome.counts.map(|counts| record::sharing(arm, &record, counts));
        findings.extend(record::findings(arm, &outcome.tally, &record));
        arms.push(record);
        methods.push(outcome.method);
    }
    let record = record::of_scenario(scenario, circumstances, arms, findings);
    Ok((RunRecord { source: SOURCE.to_owned(), ..record }, methods))
}
