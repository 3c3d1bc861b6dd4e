//! Records of arms and runs, whoever made their polls: a run, a poll of a running server, or the model.
//!
//! Counts nothing and measures nothing: what is known of machine and time is handed in.

use client::Validate;
use findings::run::{ArmEvidence, Validator};
use measure::Tally;
use measure::record::{
    ArmRecord, ChangeSeenRecord, FindingRecord, MachineRecord, MissesRecord, RunRecord, SCHEMA,
    ScenarioRecord, SharedStoreRecord, ToolRecord,
};
use origin::{Misses, ReplicaCounts};
use scenario::{Arm, Cadence, Replica, Scenario, Setup, shares_tags};
use text::secret::masked;

use crate::prediction::Prediction;

/// Where and how a record came to be.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// The command line that reproduces it.
    pub command: String,
    /// Start, RFC 3339 in UTC.
    pub started: String,
    /// The machine.
    pub machine: MachineRecord,
    /// True if it was cut short.
    pub partial: bool,
}

/// The record of an arm, by its counts.
pub fn arm(
    scenario: &Scenario,
    arm: &Arm,
    tally: &Tally,
    prediction: Option<Prediction>,
) -> ArmRecord {
    let strategy = match &arm.replica {
        Replica::Strategy(strategy) => strategy.name.to_owned(),
        Replica::Command(program) => masked(&program.line),
        Replica::ControlPlane(plane) => plane.strategy().to_owned(),
    };
    let mut record = ArmRecord {
        name: arm.name.clone(),
        strategy,
        fleet_size: arm.setup.replicas.get(),
        setup: (&arm.setup).into(),
        ..tally.to_record()
    };
    record.predicted_not_modified_ratio = prediction.map(|prediction| prediction.ratio);
    record.predicted_interval = prediction.and_then(|prediction| prediction.interval);
    record.predicted_interval_95 = prediction.and_then(|prediction| prediction.interval_95);
    let seen = |(change, seen): (&scenario::Change, &ChangeSeenRecord)| ChangeSeenRecord {
        at_poll: change.at_poll,
        ..seen.clone()
    };
    // A foreign program need not take part in the lab's changes.
    if matches!(arm.replica, Replica::Strategy(_)) {
        record.changes_seen = scenario.changes.iter().zip(&tally.changes).map(seen).collect();
    }
    record
}

/// The findings about an arm, whose record has what its replicas share.
pub fn findings(arm: &Arm, tally: &Tally, record: &ArmRecord) -> Vec<FindingRecord> {
    let shared = record.shared_store.as_ref().filter(|shared| shared.store.is_some());
    let own = validator(arm.setup.caching.validate);
    let evidence = ArmEvidence { tally, validator: shared.map_or(own, Validator::SharedTag) };
    findings::run::of_arm(&arm.name, evidence)
}

/// The record of all arms of a scenario: with what they show beside each other, with warnings about the
/// scenario, and with what was expected.
pub fn of_scenario(
    scenario: &Scenario,
    circumstances: Circumstances,
    arms: Vec<ArmRecord>,
    mut findings: Vec<FindingRecord>,
) -> RunRecord {
    // Notes are about the command line, not about the measurement.
    let warnings = scenario.warnings();
    let warnings = warnings.iter().filter(|w| w.severity == scenario::Severity::Warning);
    findings.extend(warnings.map(warning_record));
    findings.extend(findings::run::between(&arms));
    findings.sort_by_key(|finding| finding.severity);
    let mut record = run(circumstances, scenario.to_record(), arms, findings);
    let expectations = scenario.expectations.iter();
    record.expectations = expectations.map(|expected| expected.evaluate(&record)).collect();
    record
}

/// A record before any expectation.
pub fn run(
    circumstances: Circumstances,
    scenario: ScenarioRecord,
    arms: Vec<ArmRecord>,
    findings: Vec<FindingRecord>,
) -> RunRecord {
    let Circumstances { command, started, machine, partial } = circumstances;
    RunRecord {
        schema: SCHEMA.to_owned(),
        tool: ToolRecord { version: env!("CARGO_PKG_VERSION").to_owned() },
        source: String::new(),
        command,
        started,
        scenario,
        shard: None,
        repeats: None,
        machine,
        partial,
        comparison: measure::compare(&arms),
        arms,
        findings,
        expectations: Vec::new(),
    }
}

/// The validator that clients revalidate with, for the judges of findings.
pub fn validator(validate: Validate) -> Validator<'static> {
    if validate.by_tag() { Validator::Tag } else { Validator::Date }
}

/// A warning without advice and place, which are for the person who starts the run.
fn warning_record(warning: &scenario::Diagnostic) -> FindingRecord {
    let beside = warning.place.as_ref().map(|(_, beside)| beside.as_str());
    let below = warning.remarks.iter().filter_map(|remark| match remark {
        scenario::Remark::Effect(text) | scenario::Remark::Note(text) => Some(text.as_str()),
        scenario::Remark::Help(_) => None,
    });
    let evidence: Vec<_> =
        beside.into_iter().chain(below).filter(|text| !text.is_empty()).collect();
    let code = warning.code.unwrap_or_default();
    findings::run::warning(code, warning.title.clone(), evidence.join("; "))
}

/// The counts of all replicas of `arm` together.
pub fn sharing(arm: &Arm, measured: &ArmRecord, counts: ReplicaCounts) -> SharedStoreRecord {
    let sharing = &arm.setup.sharing;
    let each_1000 = |queries: u64| 1_000.0 * queries as f64 / measured.polls as f64;
    let has_queries = sharing.database && measured.polls > 0;
    let Misses { header_missing, key_not_found, resource_changed } = counts.misses;
    let mut record = SharedStoreRecord {
        database: sharing.database,
        queries: counts.queries,
        queries_per_1000_polls: has_queries.then(|| each_1000(counts.queries)),
        queries_on_not_modified: counts.queries_on_not_modified,
        hits: counts.hits,
        misses: MissesRecord { header_missing, key_not_found, resource_changed },
        store_errors: counts.store_errors,
        ..SharedStoreRecord::default()
    };
    if shares_tags(arm) {
        record.store = Some(sharing.store.shown());
        record.protocol = Some(sharing.protocol.name().to_owned());
        record.invalidate = Some(sharing.invalidate.name().to_owned());
        record.ttl_ms = sharing.ttl.map(|ttl| ttl.as_secs_f64() * 1_000.0);
        record.ttl_floor = ttl_floor(&arm.setup);
    }
    record
}

/// Needless 200s that a lifetime alone costs, if polls come when they are due.
///
/// A tag lives for `ttl`, then is missing until the next poll of anybody creates another: at most
/// one interval later. So in the time from a client's first poll to its last there are at least
/// `time / (ttl + interval)` new tags, and each of them costs each client one 200.
fn ttl_floor(setup: &Setup) -> Option<u64> {
    let (ttl, Cadence::OpenLoop { interval, jitter }) = (setup.sharing.ttl?, setup.cadence) else {
        return None;
    };
    // A poll may be that much too early, and another as much too late.
    let time = interval.as_secs_f64() * (setup.full_rounds() as f64 - 1.0 - 2.0 * jitter);
    let tags = (time / (ttl + interval).as_secs_f64()).floor().max(0.0) as u64;
    Some(tags * u64::from(setup.clients.get()))
}
