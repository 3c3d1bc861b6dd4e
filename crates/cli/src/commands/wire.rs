//! `etag-lab wire`: what a scenario's clients sent and received, word for word.

use std::path::{Path, PathBuf};

use client::Capture;
use harness::Finished;
use report::{WireLog, WireOptions};
use scenario::Scenario;

use crate::args::{Common, check_output, whole};
use crate::commands::finish::ending;
use crate::commands::run::{load, measure, note_set_aside};
use crate::exit::{Ending, Failure};
use crate::flags::ScenarioFlags;
use crate::output;

// Some 100 MB of heads at most: a log that filled the memory would end the run it is about.
const MOST_EXCHANGES: usize = 100_000;
/// Octets of different contents, all together.
const MOST_CONTENT_BYTES: usize = 64 << 20;
/// What an archive keeps of a content unless it is told otherwise.
const ARCHIVED_CONTENT_BYTES: usize = 1 << 20;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Lines start with > for what was sent, < for what was received, | for content and * for notes.
Nothing is saved under results/; --har -o FILE keeps what was captured.")]
pub(crate) struct Arguments {
    /// A scenario file, or the name of a built-in scenario [default: all-200s]
    scenario: Option<String>,
    /// Show this arm only
    #[arg(long, value_name = "NAME", help_heading = "Log")]
    arm: Option<String>,
    /// Every exchange, instead of one for each replica
    #[arg(long, help_heading = "Log")]
    all: bool,
    /// Write an archive of every exchange (HAR 1.2), for a browser's developer tools
    #[arg(long, help_heading = "Log")]
    har: bool,
    /// Octets of each content to show, else none; in an archive, of the largest content that is kept,
    /// else 1 MiB
    #[arg(long, value_name = "N", help_heading = "Log",
          value_parser = whole::<usize>(0..=usize::MAX as u64))]
    content: Option<usize>,
    /// Write the log to a file instead of standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Log")]
    output: Option<PathBuf>,
    #[command(flatten)]
    flags: ScenarioFlags,
}

pub(crate) async fn run(common: Common, arguments: Arguments) -> Result<Ending, Failure> {
    check_output(arguments.output.as_deref())?;
    check_archive(&arguments)?;
    let scenario = load(common, arguments.scenario.as_deref(), &arguments.flags)?;
    check_arm(&arguments, &scenario)?;
    let finished = measure(&scenario, Some(arguments.capture())).await?;
    if finished.transcripts.is_empty() {
        return Ok(Ending::Interrupted);
    }
    let shown = output::deliver(&log(common, &arguments, &finished)?, arguments.output.as_deref());
    match shown {
        // Whoever stops reading still learns from the exit code how the run ended.
        Ok(()) | Err(Failure::OutputClosed) => {}
        Err(failure) => return Err(failure),
    }
    note_set_aside(&scenario, &finished);
    for failed in finished.record.expectations.iter().filter(|expected| !expected.passed) {
        let line = format!("expected  {}   observed {}", failed.text, failed.observed);
        output::note(&text::visible_lines(&line));
    }
    match finished.failure {
        Some(failure) => Err(Failure::environment(failure)),
        None => Ok(ending(&finished.record, &scenario.judged_arms())),
    }
}

/// Refuses the name of an archive behind `--har`, which other programs take there.
fn check_archive(arguments: &Arguments) -> Result<(), Failure> {
    let named =
        arguments.scenario.as_deref().filter(|_| arguments.har && arguments.output.is_none());
    let is_archive = |name: &&str| {
        let extension = Path::new(name).extension().and_then(|it| it.to_str());
        extension
            .is_some_and(|it| it.eq_ignore_ascii_case("har") || it.eq_ignore_ascii_case("json"))
    };
    let Some(name) = named.filter(is_archive) else { return Ok(()) };
    Err(Failure::input(
        format!("`{}` is taken for a scenario: --har has no value", text::excerpt(name)),
        format!("name the archive by -o: etag-lab wire --har -o {}", text::shell::word(name)),
    ))
}

fn check_arm(arguments: &Arguments, scenario: &Scenario) -> Result<(), Failure> {
    let Some(wanted) = &arguments.arm else { return Ok(()) };
    if scenario.arms.iter().any(|arm| arm.name == *wanted) {
        return Ok(());
    }
    let names: Vec<_> = scenario.arms.iter().map(|arm| format!("`{}`", arm.name)).collect();
    Err(Failure::input(
        format!("this scenario has no arm `{}`", text::excerpt(wanted)),
        format!("its arms are {}", names.join(", ")),
    ))
}

fn log(common: Common, arguments: &Arguments, finished: &Finished) -> Result<String, Failure> {
    let wanted = |name: &str| arguments.arm.as_deref().is_none_or(|arm| arm == name);
    let arms: Vec<_> = finished.transcripts.iter().filter(|arm| wanted(&arm.arm)).collect();
    let log = WireLog { record: &finished.record, arms: &arms };
    if arguments.har {
        return log.har().map_err(Failure::environment);
    }
    let content_bytes = arguments.content.unwrap_or(0);
    let to_file = output::file(arguments.output.as_deref()).is_some();
    let style = output::style(common.color, to_file);
    Ok(log.text(WireOptions { all: arguments.all, content_bytes }, style))
}

impl Arguments {
    fn capture(&self) -> Capture {
        // A log for people shows a part of a content, an archive keeps it whole or not at all.
        let content_bytes = match (self.har, self.content) {
            (true, content) => content.unwrap_or(ARCHIVED_CONTENT_BYTES),
            (false, None | Some(0)) => 0,
            (false, Some(_)) => MOST_CONTENT_BYTES,
        };
        Capture {
            exchanges: MOST_EXCHANGES,
            content_bytes,
            total_content_bytes: MOST_CONTENT_BYTES,
        }
    }
}
