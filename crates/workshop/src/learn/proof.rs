//! Verifies an exercise: runs the learner's file as it is, and holds the promises against the record.
//!
//! The scenario is the exercise's own wherever the learner mends something else, and where it is the
//! learner's only the keys that the exercise names may differ from it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use client::Capture;
use harness::{Disclosure, Finished, RunError, Settings};
use measure::record::{ArmRecord, RunRecord};
use scenario::expectation::Expectation;
use scenario::{Flags, Scenario, Source};
use text::excerpt;
use tokio::sync::watch;

use crate::learn::exercise::{Exercise, Expected};
use crate::learn::outcome::{Outcome, Promise};
use crate::learn::{answers, desk, first_wrong, untouched};

/// Longest verification: nobody waits longer for a file that was saved.
const PATIENCE: Duration = Duration::from_secs(20);
/// Exchanges that are looked at; the first one that goes wrong is among them.
const EXCHANGES: usize = 20_000;

/// The lab that runs what is verified.
#[derive(Clone, Debug)]
pub struct Lab {
    /// The `etag-lab` program, started as replica.
    pub program: PathBuf,
    /// Becomes true when a run shall end early.
    pub stop: watch::Receiver<bool>,
}

/// Verifies the file of an exercise below `home`.
pub(crate) async fn verify(home: &Path, exercise: &Exercise, lab: &Lab) -> Outcome {
    let begun = Instant::now();
    let mine = match desk::read(home, exercise) {
        Ok(text) => text,
        Err(error) => return Outcome::problem(error.to_string()),
    };
    if let Some(missing) = exercise.about.needs.iter().find(|name| find_program(name).is_none()) {
        let missing = excerpt(missing);
        return Outcome::problem(format!(
            "this exercise needs `{missing}`, which is not on the PATH\n  = help: install it; `etag-lab \
             learn doctor` shows what else is missing"
        ));
    }
    let outcome = match &exercise.about.log {
        Some(log) => answers::verify(&mine, exercise.text(log)),
        None => run(home, exercise, &mine, lab).await,
    };
    Outcome { took: begun.elapsed(), ..outcome }
}

async fn run(home: &Path, exercise: &Exercise, mine: &str, lab: &Lab) -> Outcome {
    let scenario = match scenario(home, exercise, mine) {
        Ok(scenario) => scenario,
        Err(problem) => return Outcome { problem: Some(problem), ..Outcome::default() },
    };
    match measured(&scenario, lab).await {
        Err(error) | Ok(Finished { failure: Some(error), .. }) => {
            Outcome::problem(format!("error: {error}"))
        }
        Ok(finished) if finished.record.partial => Outcome::problem(format!(
            "the run was stopped after {} s\n  = help: make fewer polls",
            PATIENCE.as_secs()
        )),
        Ok(finished) => judged(exercise, &scenario, &finished),
    }
}

/// The scenario that proves it, with the learner's file in its place.
fn scenario(home: &Path, exercise: &Exercise, mine: &str) -> Result<Scenario, String> {
    let name = exercise.scenario().expect("an exercise without a log has a scenario");
    let is_mine = name == exercise.about.file;
    let text = if is_mine { mine } else { exercise.text(name) };
    let folder = desk::folder(home, exercise);
    let source = Source::file(folder.join(name).display().to_string(), text);
    let scenario = Scenario::from_source(&source, Some(folder), &Flags::default())
        .map_err(|diagnostic| diagnostic.render(false))?;
    let moved = untouched::moved(exercise.text(name), text, &exercise.about.may_change);
    match moved.filter(|_| is_mine) {
        Some((key, was)) => Err(left_alone(exercise, &key, &was)),
        None => Ok(scenario),
    }
}

fn left_alone(exercise: &Exercise, key: &str, was: &str) -> String {
    let free: Vec<_> = exercise.about.may_change.iter().map(String::as_str).collect();
    format!(
        "error: `{}` belongs to the exercise, and was changed\n  = help: put back what it was: {}\n  \
         = help: yours to change: {}",
        excerpt(key),
        excerpt(was),
        text::listed(&free),
    )
}

async fn measured(scenario: &Scenario, lab: &Lab) -> Result<Finished, RunError> {
    let (sender, stop) = watch::channel(false);
    let capture = Capture { exchanges: EXCHANGES, content_bytes: 0, total_content_bytes: 0 };
    let settings = Settings {
        program: lab.program.clone(),
        command: String::new(),
        stop,
        progress: watch::channel(None).0,
        capture: Some(capture),
        local_shards: None,
        disclosure: Disclosure::Open,
    };
    let mut outer = lab.stop.clone();
    let stopped = async {
        tokio::select! {
            () = tokio::time::sleep(PATIENCE) => {}
            // A sender that is gone stops nothing.
            () = async { if outer.wait_for(|stop| *stop).await.is_err() { std::future::pending().await } } => {}
        }
        sender.send_replace(true);
        std::future::pending().await
    };
    // A run is 16 KiB of state.
    let run = Box::pin(harness::run(scenario, &settings));
    tokio::select! {
        finished = run => finished,
        never = stopped => never,
    }
}

fn judged(exercise: &Exercise, scenario: &Scenario, finished: &Finished) -> Outcome {
    let arms: Vec<_> = scenario.arms.iter().map(|arm| arm.name.as_str()).collect();
    let held = |expected: &Expected| promise(expected, &arms, &finished.record);
    let promises: Vec<_> = match exercise.about.expect.iter().map(held).collect() {
        Ok(promises) => promises,
        Err(problem) => return Outcome::problem(problem),
    };
    let is_kept = promises.iter().all(|promise: &Promise| promise.is_kept);
    let rounds: Vec<_> = scenario.changes.iter().map(|change| change.at_poll).collect();
    let mut stories = finished
        .transcripts
        .iter()
        .filter_map(|arm| first_wrong::story(&arm.transcript, &exercise.wrong, &rounds));
    let first_wrong = stories.next().filter(|_| !is_kept).unwrap_or_default();
    let guessed = exercise.about.guess.as_ref().and_then(|guess| guess.measures.as_deref());
    let arm = finished.record.arms.first();
    let measured = guessed.zip(arm).and_then(|(name, arm)| number(arm, name));
    Outcome { promises, first_wrong, measured, ..Outcome::default() }
}

fn promise(expected: &Expected, arms: &[&str], record: &RunRecord) -> Result<Promise, String> {
    let arm = expected.arm.as_deref();
    let parsed = Expectation::parse(&expected.that, arm, arms)
        .map_err(|error| error.diagnostic(None).render(false))?;
    let checked = parsed.evaluate(record);
    let says = text::visible(&expected.says);
    // Whole paths are for those who write scenarios: `mine.verdicts.changed` is `changed` here.
    let observed = arms.iter().fold(checked.observed, |text, arm| {
        text.replace(&format!("{arm}.verdicts."), "").replace(&format!("{arm}."), "")
    });
    Ok(Promise { says, is_kept: checked.passed, observed: text::visible(&observed) })
}

/// A number as people guess it: ratios of 100.
fn number(arm: &ArmRecord, name: &str) -> Option<f64> {
    let short = name.strip_prefix("verdicts.").unwrap_or(name);
    let value =
        measure::numbers::value(arm, short).or_else(|| measure::numbers::value(arm, name))?;
    Some(if name.ends_with("_ratio") { value * 100.0 } else { value })
}

/// Path of a program by its name on the PATH.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = std::env::split_paths(&path).map(|folder| folder.join(name));
    candidates.into_iter().find(|candidate| candidate.is_file())
}
