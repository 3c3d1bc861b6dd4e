//! The sums of all rounds, and the verdict over the whole time.

use measure::record::Severity;

use super::{Found, Rounds};
use crate::check::{Check, Finding, TagSeen};

/// Notes that are kept.
const MOST_NOTES: usize = 12;

impl Rounds {
    pub(super) fn sum_up(&mut self, check: &Check) {
        self.healthy += usize::from(check.findings.iter().any(Finding::is_healthy));
        for finding in check.findings.iter().filter(|finding| !finding.is_conclusion()) {
            self.count_finding(finding, &check.at);
        }
        let mut sum = check.clone();
        if let Some(before) = self.sum.take() {
            // What got no answer has no servers, no tags and no conclusion worth keeping.
            let is_answered = !check.validators.is_empty() || before.validators.is_empty();
            sum = if is_answered { sum } else { Check { at: sum.at, ..before.clone() } };
            sum.exchanges = before.exchanges + check.exchanges;
            sum.conditional = before.conditional + check.conditional;
            sum.not_modified = before.not_modified + check.not_modified;
            sum.tags = tags(before.tags, &check.tags);
            sum.notes = notes(before.notes, check);
            sum.began = before.began;
            if before.replicas.low > sum.replicas.low {
                sum.replicas = before.replicas;
            }
        }
        self.sum = Some(sum);
    }

    fn count_finding(&mut self, finding: &Finding, at: &str) {
        let is_same = |one: &&mut Found| {
            one.finding.kind == finding.kind && one.finding.cause == finding.cause
        };
        match self.found.iter_mut().find(is_same) {
            Some(known) => {
                if finding.severity < known.finding.severity {
                    known.finding = finding.clone();
                }
                known.rounds += 1;
                known.last_round = self.count;
            }
            None => self.found.push(Found {
                finding: finding.clone(),
                rounds: 1,
                first: at.to_owned(),
                last_round: self.count,
            }),
        }
    }

    /// Verdict over the whole time; `None` without a round.
    pub fn verdict(self) -> Option<Check> {
        let mut check = self.sum?;
        let count = self.count;
        // A deployment that is over is an event and no fault.
        let is_over =
            |found: &Found| found.finding.cause == Some("rolling") && found.last_round < count;
        let found = self.found.into_iter().filter(|found| !is_over(found));
        let mut findings: Vec<_> = found.map(|found| over_time(found, count)).collect();
        findings.sort_by_key(|finding| finding.severity);
        if findings.first().is_none_or(|first| first.severity > Severity::Warn) {
            let conclusion = check.findings.iter().find(|finding| finding.is_conclusion());
            findings
                .splice(0..0, conclusion.map(|last| conclude(last, &check, self.healthy, count)));
        }
        check.findings = findings;
        check.events = self.events;
        check.rounds = Some(count);
        Some(check)
    }
}

fn over_time(found: Found, count: usize) -> Finding {
    let Found { mut finding, rounds, first, .. } = found;
    finding.evidence.push(format!("found in {rounds} of {count} rounds, first at {first}"));
    finding
}

/// The conclusion of the last round, said of all of them.
fn conclude(last: &Finding, check: &Check, healthy: usize, count: usize) -> Finding {
    let mut conclusion = last.clone();
    let since = check.since.as_ref().map(|(_, line)| line);
    conclusion.evidence.retain(|line| Some(line) != since);
    let (from, until) = (&check.began, &check.at);
    conclusion
        .evidence
        .insert(0, format!("{healthy} of {count} rounds were healthy, from {from} to {until}"));
    conclusion
}

fn tags(mut known: Vec<TagSeen>, new: &[TagSeen]) -> Vec<TagSeen> {
    const MOST: usize = 64;
    for one in new {
        let is_same = |other: &&mut TagSeen| other.tag == one.tag && other.coding == one.coding;
        if let Some(known) = known.iter_mut().find(is_same) {
            known.seen += one.seen;
            known.replayed += one.replayed;
            known.not_modified += one.not_modified;
        } else if known.len() < MOST {
            known.push(one.clone());
        }
    }
    known
}

/// Notes of all rounds, each once, without what the events say.
fn notes(mut known: Vec<String>, check: &Check) -> Vec<String> {
    let since = check.since.as_ref().map(|(_, line)| line);
    for note in check.notes.iter().filter(|note| Some(*note) != since) {
        // Later rounds have a small budget on purpose.
        let is_planned = note.starts_with("the budget of");
        if !is_planned && !known.contains(note) && known.len() < MOST_NOTES {
            known.push(note.clone());
        }
    }
    known
}
