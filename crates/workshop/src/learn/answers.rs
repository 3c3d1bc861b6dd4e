//! Answers about an access log, judged by what `etag-lab logs` finds in it.

use std::sync::atomic::AtomicBool;

use harness::Scratch;
use logs::Summary;
use logs::input::{Job, Reading};
use serde::Deserialize;
use text::excerpt;

use crate::learn::outcome::{Outcome, Promise};

/// Seconds by which an answer to "since when" may be off.
const TOLERANCE: i64 = 15 * 60;
const DAY: i64 = 24 * 60 * 60;

/// The learner's file; what is missing counts as not answered.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Answers {
    path: String,
    finding: String,
    cause: String,
    since: String,
}

/// The worst finding of a log.
struct Truth {
    path: String,
    finding: String,
    cause: Option<&'static str>,
    since: Option<i64>,
}

/// Holds the answers against the log.
pub(crate) fn verify(mine: &str, log: &str) -> Outcome {
    let answers: Answers = match toml::from_str(mine) {
        Ok(answers) => answers,
        Err(error) => {
            return Outcome::problem(format!(
                "error: the answers cannot be read: {error}\n  = help: each answer stands between quotes: \
                 path = \"/index.html\""
            ));
        }
    };
    match judged(log) {
        Ok(summary) => compared(&answers, &summary),
        Err(problem) => Outcome::problem(problem),
    }
}

/// The log as the exercise has it, whatever became of the learner's copy.
fn judged(log: &str) -> Result<Summary, String> {
    let scratch = Scratch::new("learn").map_err(|error| error.to_string())?;
    let file = scratch.path().join("access.log");
    std::fs::write(&file, log).map_err(|error| error.to_string())?;
    let job = Job { files: vec![file], ..Job::default() };
    let reading = logs::input::read(&job, &AtomicBool::new(false), &mut |_| {});
    let Reading { account, layouts, lines, .. } = reading.map_err(|error| error.to_string())?;
    Ok(Summary::of(&account, &layouts, lines))
}

fn compared(answers: &Answers, summary: &Summary) -> Outcome {
    let Some(truth) = Truth::of(summary) else {
        return Outcome::problem("error: nothing is wrong in this log: it proves no answer");
    };
    let same = |given: &str, right: &str| given.trim().eq_ignore_ascii_case(right);
    let is_since = moment(&answers.since).zip(truth.since).is_some_and(|(given, right)| {
        let apart = (given - right.rem_euclid(DAY)).abs();
        apart.min(DAY - apart) <= TOLERANCE
    });
    let is_cause = truth.cause.is_none_or(|right| same(&answers.cause, right));
    let promises = vec![
        promise("path", &answers.path, same(&answers.path, &truth.path)),
        promise("finding", &answers.finding, same(&answers.finding, &truth.finding)),
        promise("cause", &answers.cause, is_cause),
        promise("since", &answers.since, is_since),
    ];
    let row = summary.paths.iter().find(|row| same(&answers.path, &row.path));
    let is_wrong = !promises[0].is_kept;
    let shown = row.filter(|_| is_wrong).map(|row| {
        vec![
            excerpt(&row.path),
            format!(
                "304s  {} of {}",
                text::count(row.not_modified),
                text::counted(row.polls, "poll")
            ),
            format!("sent for nothing  {} B", text::count(row.needless_bytes)),
        ]
    });
    Outcome { promises, first_wrong: shown.unwrap_or_default(), ..Outcome::default() }
}

impl Truth {
    fn of(summary: &Summary) -> Option<Self> {
        let worst = summary.findings.iter().find(|one| !one.finding.is_conclusion())?;
        Some(Self {
            path: worst.paths.first()?.clone(),
            finding: worst.finding.kind.code.clone(),
            cause: worst.finding.cause,
            since: worst.since,
        })
    }
}

fn promise(what: &str, given: &str, is_kept: bool) -> Promise {
    let given = given.trim();
    let observed = if given.is_empty() {
        "not answered".to_owned()
    } else {
        format!("\"{}\"", excerpt(given))
    };
    Promise { says: format!("{what} is what the log shows"), is_kept, observed }
}

/// Seconds of the day of a time such as `14:05`.
fn moment(text: &str) -> Option<i64> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some((hours * 60 + minutes) * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_hours_and_minutes() {
        assert_eq!(moment(" 14:05 "), Some(14 * 3600 + 5 * 60));
        for text in ["", "14", "25:00", "12:60", "-1:00", "a:b"] {
            assert_eq!(moment(text), None, "{text:?}");
        }
    }
}
