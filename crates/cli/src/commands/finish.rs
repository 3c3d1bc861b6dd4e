//! Ends `run` and `poll` after their polls: saves, shows, judges.

use std::path::{Path, PathBuf};

use measure::record::{ArmRecord, RunRecord, Severity};
use report::Results;

use crate::args::{Common, Presentation};
use crate::commands::report::show;
use crate::exit::{Ending, Failure};
use crate::output;

/// Folder in which runs are saved where it is there.
const USUAL: &str = "results";

const NOT_SAVED: &str =
    "not saved: there is no folder `results` here, and no --results DIR was given";

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Result")]
pub(crate) struct Keeping {
    /// Folder for saved runs; they go to its subfolder `runs` [default: results, if there is one]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
    /// Do not save the run
    #[arg(long)]
    no_save: bool,
}

impl Keeping {
    /// Checks, before anything runs, that the run can be saved.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.folder().map_or(Ok(()), |folder| harness::check_folder(&folder).map_err(unsaved))
    }

    /// Folder of the file of a run; `None` where none is wanted. A folder of the user's is not made
    /// without being asked for.
    fn folder(&self) -> Option<PathBuf> {
        let usual = || Path::new(USUAL).symlink_metadata().is_ok().then(|| USUAL.into());
        let results = self.results.clone().or_else(usual);
        results.filter(|_| !self.no_save).map(|results: PathBuf| results.join("runs"))
    }
}

fn unsaved(error: harness::WriteError) -> Failure {
    Failure::environment(error).with_help("choose another folder by --results, or --no-save")
}

/// Saves and shows a record; returns the outcome of the command. `judged` are the arms in which
/// nothing bad may be found.
pub(crate) fn finish(
    common: Common,
    record: &RunRecord,
    judged: &[&str],
    logs: &[(String, PathBuf)],
    keeping: &Keeping,
    presentation: &Presentation,
) -> Result<Ending, Failure> {
    let folder = keeping.folder();
    let saved = folder.map(|folder| harness::keep(record, logs, &folder)).transpose();
    // The result comes first: a full disk must not cost the table too.
    let shown = show(common, Results::Run(record), presentation);
    if let Ok(Some(path)) = &saved {
        let path = path.display().to_string();
        let (shown, word) = (text::visible(&path), text::shell::word(&path));
        output::note(&format!("saved {shown}\npaste it: etag-lab report {word} --format markdown"));
    } else if let (Ok(None), false) = (&saved, keeping.no_save) {
        output::note(NOT_SAVED);
    }
    match shown {
        // A reader that closes the pipe still gets the exit code of the run.
        Ok(()) | Err(Failure::OutputClosed) => {}
        // A run that was cut short because its terminal is gone was saved all the same.
        Err(failure) if record.partial && matches!(saved, Ok(Some(_))) => {
            output::note(&text::visible_lines(&format!("error: {failure}")));
        }
        Err(failure) => return Err(failure),
    }
    saved.map_err(unsaved)?;
    Ok(ending(record, judged))
}

/// Exit code of a command that measured `record`; `judged` are the arms in which nothing bad may be
/// found.
pub(crate) fn ending(record: &RunRecord, judged: &[&str]) -> Ending {
    let responses = |arm: &ArmRecord| arm.polls - arm.verdicts.error - arm.verdicts.fresh_hit;
    // No other outcome can be claimed for a run that was cut short.
    if record.partial {
        Ending::Interrupted
    } else if record.is_part() && record.arms.iter().all(|arm| arm.polls == 0) {
        // More shards than clients: there was nothing to do.
        Ending::Done
    } else if record.arms.iter().any(|arm| responses(arm) == 0) {
        Ending::Inconclusive
    } else if has_failed(record, judged) {
        Ending::Failed
    } else {
        Ending::Done
    }
}

fn has_failed(record: &RunRecord, judged: &[&str]) -> bool {
    // Failed polls fail the run, unless the scenario says itself how many it expects.
    let errors_expected = record.expectations.iter().any(|expected| expected.concerns_errors);
    let errors = record.arms.iter().any(|arm| arm.verdicts.error > 0) && !errors_expected;
    // Of the lab's own replicas a run is to show what is bad.
    let is_judged = |arm: &Option<String>| arm.as_deref().is_some_and(|arm| judged.contains(&arm));
    let mut findings = record.findings.iter();
    let faulty = findings.any(|it| it.severity == Severity::Bad && is_judged(&it.arm));
    errors || faulty || record.expectations.iter().any(|expectation| !expectation.passed)
}
