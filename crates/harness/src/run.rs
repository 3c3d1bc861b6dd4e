//! Runs a scenario, arm after arm under one schedule, and records what was measured.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use client::{Capture, Meter, Validate};
use findings::run::{ArmEvidence, Validator};
use measure::record::{
    ArmRecord, ChangeSeenRecord, FindingRecord, MachineRecord, RunRecord, SCHEMA, ToolRecord,
};
use measure::{ArmDescription, ArmTranscript, Tally};
use tempfile::TempDir;
use thiserror::Error;
use tokio::sync::watch;

use crate::arm::{Ran, Stage, policy_of, strategy_of};
use crate::control_plane::ControlPlaneError;
use crate::editions::Editions;
use crate::fleet::FleetError;
use crate::prediction::{Case, Prediction};
use crate::preflight;
use crate::real::RealError;
use crate::sharing;
use crate::tag_store::TagStoreError;
use crate::timeline::Timeline;
use scenario::{self, Arm, Replica, Scenario};

/// How a run is carried out, apart from what is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The `etag-lab` program, started as replica and guard.
    pub program: PathBuf,
    /// The command line that reproduces the run, for the record.
    pub command: String,
    /// Becomes true when the run shall end early.
    pub stop: watch::Receiver<bool>,
    /// Told which arm runs and how far it is.
    pub progress: watch::Sender<Option<Progress>>,
    /// Keeps a log of each arm's exchanges.
    pub capture: Option<Capture>,
}

/// How far a run is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Name of the running arm.
    pub arm: String,
    /// Polls that it makes.
    pub polls: u64,
    /// Polls made.
    pub meter: Arc<Meter>,
}

/// A run that produced something.
#[derive(Debug)]
pub struct Finished {
    /// What was measured; partial when it was stopped or failed.
    pub record: RunRecord,
    /// Why it ended early, unless somebody stopped it.
    pub failure: Option<RunError>,
    /// Logs of foreign replicas: name for keeping, and file.
    pub logs: Vec<(String, PathBuf)>,
    /// Each arm's exchanges as they were on the wire, if [`Settings::capture`] asked for them.
    pub transcripts: Vec<ArmTranscript>,
    /// Holds the logs until this is dropped.
    _directory: TempDir,
}

/// Why nothing could be measured.
#[derive(Debug, Error)]
pub enum RunError {
    /// A replica would not start.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// A control plane would not start, or did not do what it was asked.
    #[error(transparent)]
    ControlPlane(#[from] ControlPlaneError),
    /// A private server that the run needs is missing or would not start.
    #[error(transparent)]
    Real(#[from] RealError),
    /// A store of tags that somebody else runs cannot be used.
    #[error(transparent)]
    TagStore(#[from] TagStoreError),
    /// The balancer cannot listen.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(std::io::Error),
    /// The files of the run cannot be written.
    #[error("cannot write `{}`: {error}", path.display())]
    Files {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// Runs every arm of `scenario`, until it is done or `settings.stop` says so.
pub async fn run(scenario: &Scenario, settings: &Settings) -> Result<Finished, RunError> {
    tokio::select! {
        biased;
        () = stopped(&settings.stop) => {}
        checked = preflight::check(scenario) => checked?,
    }
    let started = now();
    let editions = Editions::of(scenario);
    let directory = TempDir::with_prefix("etag-lab-")
        .map_err(|error| RunError::Files { path: std::env::temp_dir(), error })?;
    let written = |error| RunError::Files { path: directory.path().to_owned(), error };
    editions.write_to(directory.path()).map_err(written)?;
    let mut results = Results::default();
    for arm in &scenario.arms {
        let meter = Arc::new(Meter::default());
        let polls = arm.setup.polls.get();
        settings.progress.send_replace(Some(Progress {
            arm: arm.name.clone(),
            polls,
            meter: Arc::clone(&meter),
        }));
        let timeline = Timeline::of(scenario, arm);
        let stage = Stage {
            scenario,
            editions: &editions,
            program: &settings.program,
            directory: directory.path(),
            meter: &meter,
            capture: settings.capture,
        };
        let ran = match stage.run(arm, &timeline, stopped(&settings.stop)).await {
            Ok(ran) => ran,
            // What the arms before it measured is not lost.
            Err(error) if !results.arms.is_empty() => {
                results.failure = Some(error);
                results.partial = true;
                break;
            }
            Err(error) => return Err(error),
        };
        let prediction = predict(scenario, arm, &timeline, &editions);
        results.keep_logs(arm, directory.path());
        if results.add(scenario, arm, ran, prediction) == Continue::No {
            break;
        }
    }
    settings.progress.send_replace(None);
    let record = results.record(scenario, settings, started);
    let Results { failure, logs, transcripts, .. } = results;
    Ok(Finished { record, failure, logs, transcripts, _directory: directory })
}

/// Completes when the run shall end early; never when nobody can say so any more.
pub(crate) async fn stopped(stop: &watch::Receiver<bool>) {
    let mut stop = stop.clone();
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[derive(PartialEq)]
enum Continue {
    Yes,
    No,
}

#[derive(Default)]
struct Results {
    arms: Vec<ArmRecord>,
    findings: Vec<FindingRecord>,
    failure: Option<RunError>,
    logs: Vec<(String, PathBuf)>,
    transcripts: Vec<ArmTranscript>,
    partial: bool,
}

impl Results {
    fn add(
        &mut self,
        scenario: &Scenario,
        arm: &Arm,
        Ran { outcome, origin_cpu, control_plane, counts }: Ran,
        prediction: Option<Prediction>,
    ) -> Continue {
        self.transcripts.extend(
            outcome
                .transcript
                .map(|transcript| ArmTranscript { arm: arm.name.clone(), transcript }),
        );
        let mut record = arm_record(scenario, arm, &outcome.tally, prediction);
        if let Some(cpu) = origin_cpu {
            let content = control_plane.is_none().then(|| scenario.resource.size_bytes());
            account(&mut record, cpu, content);
        }
        record.control_plane = control_plane;
        record.shared_store = counts.map(|counts| sharing::record(arm, &record, counts));
        let shared = record.shared_store.as_ref().filter(|shared| shared.store.is_some());
        let validator =
            shared.map_or_else(|| validator(arm.setup.caching.validate), Validator::SharedTag);
        let evidence = ArmEvidence { tally: &outcome.tally, validator };
        self.findings.extend(findings::run::of_arm(&arm.name, evidence));
        self.arms.push(record);
        self.failure = outcome.failure;
        self.partial |= !outcome.complete;
        if self.partial { Continue::No } else { Continue::Yes }
    }

    /// Remembers the logs of foreign replicas; the lab's own have nothing to say.
    fn keep_logs(&mut self, arm: &Arm, directory: &Path) {
        if matches!(arm.replica, Replica::Command(_)) {
            let logs = (1..=arm.setup.replicas.get()).map(|replica| {
                let file = directory.join(&arm.name).join(format!("replica-{replica}.log"));
                (format!("{}-replica-{replica}.log", arm.name), file)
            });
            self.logs.extend(logs);
        }
    }

    fn record(&mut self, scenario: &Scenario, settings: &Settings, started: String) -> RunRecord {
        let arms = std::mem::take(&mut self.arms);
        let mut findings = std::mem::take(&mut self.findings);
        // Notes speak of the command line, not of what was measured.
        let warnings = scenario.warnings();
        let warnings = warnings.iter().filter(|w| w.severity == scenario::Severity::Warning);
        findings.extend(warnings.map(warning_record));
        findings.extend(findings::run::between(&arms));
        findings.sort_by_key(|finding| finding.severity);
        let mut record = RunRecord {
            schema: SCHEMA.to_owned(),
            tool: tool(),
            command: settings.command.clone(),
            started,
            scenario: scenario.to_record(),
            machine: machine(),
            partial: self.partial,
            comparison: measure::compare(&arms),
            arms,
            findings,
            expectations: Vec::new(),
        };
        record.expectations =
            scenario.expectations.iter().map(|expectation| expectation.evaluate(&record)).collect();
        record
    }
}

fn predict(
    scenario: &Scenario,
    arm: &Arm,
    timeline: &Timeline,
    editions: &Editions,
) -> Option<Prediction> {
    // What a foreign program makes its tags from is not known.
    let strategy = strategy_of(arm)?;
    let (policy, setup, seed) = (policy_of(arm), &arm.setup, scenario.seed);
    let last = editions.modified(
        scenario.changes.len() as u32,
        setup.replicas.get() as usize - 1,
        setup.deploy_drift,
    );
    if setup.caching.validate.by_date() && last > SystemTime::now() {
        // A server replaces a date to come with its own time (RFC 9110 §8.8.2.1).
        return None;
    }
    let resource = &scenario.resource;
    let changes = &scenario.changes;
    Case { strategy, policy, setup, resource, changes, timeline, editions, seed }.predict()
}

fn arm_record(
    scenario: &Scenario,
    arm: &Arm,
    tally: &Tally,
    prediction: Option<Prediction>,
) -> ArmRecord {
    let strategy = match &arm.replica {
        Replica::Strategy(strategy) => strategy.as_str(),
        Replica::Command(command) => command,
        Replica::ControlPlane(plane) => plane.strategy(),
    };
    let setup = &arm.setup;
    let mut record = tally.to_record(ArmDescription {
        name: arm.name.clone(),
        strategy: strategy.to_owned(),
        fleet_size: setup.replicas.get(),
        policy: setup.policy.clone(),
        edge: setup.edge.name.to_owned(),
        accept_encoding: setup.accept_encoding.clone(),
        clients: setup.clients.get(),
        cadence: setup.cadence.name().to_owned(),
        connections: setup.connections.get(),
        caching: scenario::caching_record(&setup.caching, setup.on_error, setup.obey_poll_interval),
    });
    record.predicted_not_modified_ratio = prediction.map(|prediction| prediction.ratio);
    record.predicted_interval = prediction.and_then(|prediction| prediction.interval);
    let seen = |(change, seen): (&scenario::Change, &measure::ChangeTally)| ChangeSeenRecord {
        at_poll: change.at_poll,
        clients_polled: seen.clients_polled,
        clients_updated: seen.clients_updated,
    };
    // A foreign program need not take part in the lab's changes.
    if matches!(arm.replica, Replica::Strategy(_)) {
        record.changes_seen = scenario.changes.iter().zip(&tally.changes).map(seen).collect();
    }
    record
}

/// What the polls cost the replicas, and what the 304s among them were worth where every one of
/// them is worth as much.
fn account(record: &mut ArmRecord, cpu: Duration, content_bytes: Option<u64>) {
    let cpu_s = cpu.as_secs_f64();
    record.origin_cpu_s = Some(cpu_s);
    record.origin_cpu_us_per_poll = (record.polls > 0).then(|| 1e6 * cpu_s / record.polls as f64);
    let Some(content_bytes) = content_bytes.filter(|_| !cpu.is_zero()) else { return };
    let saved = record.verdicts.validated.saturating_mul(content_bytes);
    record.bytes_saved_per_cpu_second = Some(saved as f64 / cpu_s);
}

/// The way out and the place stay behind: they are for whoever starts the run.
/// What clients revalidate with, for the judges of findings.
pub(crate) fn validator(validate: Validate) -> Validator<'static> {
    if validate.by_tag() { Validator::Tag } else { Validator::Date }
}

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

pub(crate) fn tool() -> ToolRecord {
    ToolRecord { version: env!("CARGO_PKG_VERSION").to_owned() }
}

pub(crate) fn machine() -> MachineRecord {
    MachineRecord {
        cpus: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        os: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
    }
}

/// This moment, RFC 3339 in UTC, to the second.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string()
}
