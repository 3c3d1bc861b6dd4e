//! Runs a scenario, arm after arm under one schedule, and records the measurements.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use client::{Capture, Meter};
use measure::ArmTranscript;
use measure::record::{ArmRecord, FindingRecord, MachineRecord, RunRecord};
use model::record::Circumstances;
use model::{Editions, Prediction};
use scenario::{Arm, EventKind, Replica, Scenario};
use tokio::sync::watch;

use crate::arm::{self, ArmResult};
use crate::disclosure::Disclosure;
use crate::editions;
use crate::error::RunError;
use crate::files::WriteError;
use crate::preflight;
use crate::scratch::Scratch;
use crate::shard::LocalShards;
use crate::stage::Stage;
use crate::tier::TierAccount;

/// Settings of a run that do not change its result.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The `etag-lab` program, started as replica and guard.
    pub program: PathBuf,
    /// The command line that reproduces the run, for the record.
    pub command: String,
    /// Becomes true when the run shall end early.
    pub stop: watch::Receiver<bool>,
    /// Receives progress: the current arm and the polls made.
    pub progress: watch::Sender<Option<Progress>>,
    /// Keeps a log of each arm's exchanges.
    pub capture: Option<Capture>,
    /// Makes the polls in processes of their own; logs of exchanges are not to be had of them.
    pub local_shards: Option<LocalShards>,
    /// How much the replicas say of themselves.
    pub disclosure: Disclosure,
}

impl Settings {
    /// Shows the next arm as progress; returns the meter of its polls.
    pub(crate) fn announce(&self, arm: &str, polls: Option<u64>) -> Arc<Meter> {
        let meter = Arc::new(Meter::default());
        let progress = Progress { arm: arm.to_owned(), polls, meter: Arc::clone(&meter) };
        self.progress.send_replace(Some(progress));
        meter
    }
}

/// Progress of a run.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Name of the running arm.
    pub arm: String,
    /// Polls that the arm makes in all; `None` where the time ends them.
    pub polls: Option<u64>,
    /// Polls made so far.
    pub meter: Arc<Meter>,
}

/// Result of a run that measured something.
#[derive(Debug)]
pub struct Finished {
    /// The measurements; partial when the run was stopped or failed.
    pub record: RunRecord,
    /// The failure that ended it early; `None` if it was stopped.
    pub failure: Option<RunError>,
    /// Logs of foreign replicas: name for keeping, and file.
    pub logs: Vec<(String, PathBuf)>,
    /// Each arm's exchanges as they were on the wire, if [`Settings::capture`] asked for them.
    pub transcripts: Vec<ArmTranscript>,
    /// Folder of the logs, which goes when this is dropped.
    _directory: Scratch,
}

/// Runs every arm of `scenario`, until it is done or `settings.stop` says so.
pub async fn run(scenario: &Scenario, settings: &Settings) -> Result<Finished, RunError> {
    tokio::select! {
        // A stopped run is not an error, even where a server is missing.
        biased;
        () = stopped(&settings.stop) => {}
        checked = preflight::check(scenario) => checked?,
    }
    let circumstances = circumstances(settings.command.clone());
    let editions = Editions::of(scenario);
    let directory = Scratch::new("run")?;
    editions::write(&editions, directory.path()).map_err(WriteError::of(directory.path()))?;
    let editions = RwLock::new(editions);
    let mut results = Results::default();
    for arm in &scenario.arms {
        let meter = settings.announce(&arm.name, Some(arm.setup.polls.get()));
        let stage = Stage {
            scenario,
            arm,
            editions: &editions,
            room: room(arm),
            program: &settings.program,
            directory: directory.path(),
            meter: &meter,
            capture: settings.capture,
            local_shards: settings.local_shards.as_ref(),
            disclosure: settings.disclosure,
        };
        // An arm is 16 KiB of state, which the future of the whole run need not carry.
        let result = match Box::pin(arm::run(&stage, stopped(&settings.stop))).await {
            Ok(result) => result,
            // The measurements of the arms before it are not lost.
            Err(error) if !results.arms.is_empty() => {
                results.failure = Some(error);
                results.partial = true;
                break;
            }
            Err(error) => return Err(error),
        };
        // After the polls, from which it would take CPU time.
        let prediction = model::prediction::of(scenario, arm, &stage.editions(), SystemTime::now());
        results.keep_logs(arm, directory.path());
        results.add(scenario, arm, result, prediction);
        if results.partial {
            break;
        }
    }
    settings.progress.send_replace(None);
    Ok(results.finished(scenario, circumstances, directory))
}

/// Replicas that join an arm in the course of its events, beside those that it begins with.
fn room(arm: &Arm) -> u32 {
    let scales = arm.setup.events.iter().filter(|event| event.kind == EventKind::Scale);
    let most = scales.filter_map(|event| event.count).map(NonZeroU32::get).max().unwrap_or(0);
    most.saturating_sub(arm.setup.replicas.get())
}

/// Completes when the run shall end early; never if the sender is gone.
pub(crate) async fn stopped(stop: &watch::Receiver<bool>) {
    let mut stop = stop.clone();
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The results of the arms so far.
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
        (outcome, account): ArmResult,
        prediction: Option<Prediction>,
    ) {
        let named = |transcript| ArmTranscript { arm: arm.name.clone(), transcript };
        self.transcripts.extend(outcome.transcript.map(named));
        let mut record = model::record::arm(scenario, arm, &outcome.tally, prediction);
        let TierAccount { origin_cpu, control_plane, counts, cache, expired_marks } = account;
        if let Some(cpu) = origin_cpu {
            let content = control_plane.is_none().then(|| scenario.resource.size_bytes());
            record_cpu(&mut record, cpu, content);
        }
        (record.control_plane, record.cache) = (control_plane, cache);
        record.shared_store = counts.map(|counts| model::record::sharing(arm, &record, counts));
        self.findings.extend(model::record::findings(arm, &outcome.tally, &record));
        if expired_marks > 0 {
            // Once a mark has expired, readers create tags again: before the commit for content
            // that is about to be stale, after it for content that some replicas have not been told
            // to declare yet. Either is a false 304 of a slow machine and not of the protocol.
            let title = "changes outlasted their lease, so that 304s may be false".to_owned();
            let evidence = format!("{expired_marks} times in arm {}", arm.name);
            self.findings.push(findings::run::warning("", title, evidence));
        }
        self.arms.push(record);
        self.failure = outcome.failure;
        self.partial |= !outcome.complete;
    }

    /// Remembers the logs of foreign replicas; those of the lab's own are empty.
    fn keep_logs(&mut self, arm: &Arm, directory: &Path) {
        if matches!(arm.replica, Replica::Command(_)) {
            let logs = (1..=arm.setup.replicas.get()).map(|replica| {
                let file = directory.join(&arm.name).join(format!("replica-{replica}.log"));
                (format!("{}-replica-{replica}.log", arm.name), file)
            });
            self.logs.extend(logs);
        }
    }

    fn finished(
        self,
        scenario: &Scenario,
        circumstances: Circumstances,
        directory: Scratch,
    ) -> Finished {
        let Self { arms, findings, failure, logs, transcripts, partial } = self;
        let circumstances = Circumstances { partial, ..circumstances };
        let record = model::record::of_scenario(scenario, circumstances, arms, findings);
        Finished { record, failure, logs, transcripts, _directory: directory }
    }
}

/// Records the CPU time of the replicas, and the bytes that a second of it saved: all 304s save the
/// same, if there is one content.
fn record_cpu(record: &mut ArmRecord, cpu: Duration, content_bytes: Option<u64>) {
    let cpu_s = cpu.as_secs_f64();
    record.origin_cpu_s = Some(cpu_s);
    record.origin_cpu_us_per_poll = (record.polls > 0).then(|| 1e6 * cpu_s / record.polls as f64);
    let Some(content_bytes) = content_bytes.filter(|_| !cpu.is_zero()) else { return };
    let saved = record.verdicts.validated.saturating_mul(content_bytes);
    record.bytes_saved_per_cpu_second = Some(saved as f64 / cpu_s);
}

/// This machine, and this moment as the start.
pub fn circumstances(command: String) -> Circumstances {
    let machine = MachineRecord {
        cpus: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        os: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
    };
    Circumstances { command, started: now(), machine, partial: false }
}

/// The present moment, RFC 3339 in UTC, to the second.
fn now() -> String {
    jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string()
}
