//! A mystery on paper: what somebody has captured or logged, without a fleet. The truth is what the lab
//! finds in it, so that only what it finds can be named.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use findings::{Check, Finding};
use logs::Summary;
use measure::record::Severity;
use probe::import::{self, ImportError};
use text::{count, counted, visible};

use super::answer::Suspect;
use super::talk::Went;
use super::words::{line, paragraph};

/// Beginning of a file by which its kind is told.
const LOOK: usize = 64 * 1024;

/// A mystery on paper.
#[derive(Debug)]
pub struct Paper {
    ticket: String,
    /// Findings that are wrong, worst first; none where nothing is.
    faults: Vec<Finding>,
    /// Whether it shows enough to be sure that nothing is wrong.
    is_decided: bool,
}

impl Paper {
    /// Reads a HAR file, what curl, `HTTPie` or wget printed, or an access log.
    pub fn read(path: &Path) -> Result<Self, String> {
        let named = |error: String| {
            let path = path.display();
            format!(
                "cannot read `{path}`: {error}\n  = help: give a HAR file, the output of curl -v, or an \
                 access log that `etag-lab logs` can read"
            )
        };
        let mut file = File::open(path).map_err(|error| named(error.to_string()))?;
        let mut look = Vec::new();
        let read = file.by_ref().take(LOOK as u64).read_to_end(&mut look);
        read.map_err(|error| named(error.to_string()))?;
        // From the beginning once more: each reader tells its own kind by the first bytes.
        let again = || File::open(path).map_err(|error| named(error.to_string()));
        let look = String::from_utf8_lossy(&look);
        if look.trim_start().starts_with('{') && look.contains("\"entries\"") {
            return import::har(again()?, None)
                .map(|evidence| Self::of_check(&Check::of(&evidence)))
                .map_err(|error| named(error.to_string()));
        }
        match import::wire(again()?, None) {
            Ok(evidence) => Ok(Self::of_check(&Check::of(&evidence))),
            Err(ImportError::NotWire | ImportError::NothingThere(_)) => {
                Self::of_log(path).map_err(named)
            }
            Err(error) => Err(named(error.to_string())),
        }
    }

    fn of_check(check: &Check) -> Self {
        let mut ticket = line("target", &visible(&check.target));
        ticket += &line("exchanges", &count(check.exchanges as u64));
        let replays = counted(check.conditional as u64, "tag or date");
        let came = format!("{} of {replays} sent back got a 304", count(check.not_modified as u64));
        ticket += &line("304s", &came);
        ticket += &line("tags", &counted(check.tags.len() as u64, "tag"));
        Self::of(ticket, &check.findings)
    }

    fn of_log(path: &Path) -> Result<Self, String> {
        let job = logs::input::Job { files: vec![path.to_owned()], ..Default::default() };
        let reading = logs::input::read(&job, &AtomicBool::new(false), &mut |_| {})
            .map_err(|error| error.to_string())?;
        let is_log = !reading.lines.are_mostly_unparsed();
        let summary = Summary::of(&reading.account, &reading.layouts, reading.lines);
        if !is_log || summary.lines.read == 0 {
            return Err("it is no access log of a format that is known".to_owned());
        }
        let mut ticket = line(
            "log",
            &format!("{}, format {}", counted(summary.lines.read, "line"), summary.format),
        );
        if let Some(ratio) = summary.total.not_modified_ratio() {
            ticket +=
                &line("304s", &format!("{:.0} % of what could be answered so", 100.0 * ratio));
        }
        let found: Vec<_> = summary.findings.into_iter().map(|one| one.finding).collect();
        Ok(Self::of(ticket, &found))
    }

    fn of(mut ticket: String, all: &[Finding]) -> Self {
        let is_fault = |finding: &&Finding| finding.severity <= Severity::Warn;
        let is_decided = all.iter().any(|finding| finding.severity == Severity::Ok);
        let faults: Vec<_> = all.iter().filter(is_fault).cloned().collect();
        ticket += "\n";
        ticket += &paragraph(
            "What is wrong in it, if anything? Read it, and say it with the same --from: etag-lab mystery \
             --from FILE answer CODE.",
        );
        Self { ticket, faults, is_decided }
    }

    /// The ticket: what the file holds, and nothing of what it means.
    pub fn ticket(&self) -> &str {
        &self.ticket
    }

    /// Judges an answer: the worst finding, or any other that is as bad.
    pub fn answer(&self, code: &str, cause: Option<&str>) -> (Went, String) {
        let suspect = match Suspect::of(code, cause) {
            Ok(suspect) => suspect,
            Err(error) => return (Went::Amiss, error),
        };
        let Some(worst) = self.faults.first().map(|finding| finding.severity) else {
            return self.answer_where_nothing_is_wrong(&suspect);
        };
        // Of two that are equally bad either is as good an answer.
        let is_named = |finding: &&Finding| {
            let is_cause = suspect.cause.is_none() || finding.cause == suspect.cause;
            finding.severity == worst && finding.kind.code == suspect.code && is_cause
        };
        match self.faults.iter().find(is_named) {
            Some(_) => {
                (Went::Well, line("right", "this is what the lab finds in it") + &self.reveal())
            }
            None => (Went::Wrong, line("wrong", &suspect.would_differ())),
        }
    }

    fn answer_where_nothing_is_wrong(&self, suspect: &Suspect) -> (Went, String) {
        if !suspect.is_conclusion() {
            return (Went::Wrong, line("wrong", &suspect.would_differ()));
        }
        (Went::Well, line("right", "nothing that it shows is wrong") + &self.reveal())
    }

    /// What the lab finds in it.
    pub fn reveal(&self) -> String {
        let found = self.faults.iter().map(|finding| {
            let cause = finding.cause.map(|cause| format!(" --cause {cause}")).unwrap_or_default();
            let title = visible(&finding.title);
            line("found", &format!("{}{cause} {}: {title}", finding.kind.code, finding.kind.name))
        });
        let found: String = found.collect();
        let nothing = if self.is_decided { "nothing is wrong" } else { "too little to decide it" };
        if found.is_empty() { line("found", nothing) } else { found }
    }
}
