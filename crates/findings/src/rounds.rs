//! Several checks of one target after another: one verdict over the whole time, and what happened.
//!
//! Each round is judged by itself, beside what the rounds before it saw, so that a change between two
//! rounds is never taken for a difference between replicas. Knows no clock: times are those of the
//! rounds.

mod verdict;

use std::collections::BTreeSet;

use crate::check::{Check, Finding};
use crate::evidence::{Evidence, Fingerprint, opaque};
use crate::memory::{Change, Memory, Remembered};

/// Checks of one target after another.
#[derive(Debug, Default)]
pub struct Rounds {
    count: usize,
    memory: Option<Memory>,
    events: Vec<Event>,
    found: Vec<Found>,
    /// Check of the last round that was answered, with the sums of all.
    sum: Option<Check>,
    healthy: usize,
    /// True while the last round got no answer.
    is_silent: bool,
}

/// Something that happened between two rounds, or within one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Event {
    /// Moment of the round that noticed it, RFC 3339 in UTC.
    pub at: String,
    /// Name, which scripts match: `deploy`, `restart`, `rolling`, `silent`, `back`.
    pub what: &'static str,
    /// One sentence. May hold text from outside.
    pub says: String,
}

/// Finding of some rounds.
#[derive(Debug)]
struct Found {
    finding: Finding,
    rounds: usize,
    first: String,
    last_round: usize,
}

/// Events that are kept; a fleet that changes with every round has no news.
const MOST_EVENTS: usize = 200;

impl Rounds {
    /// Rounds that begin with the result of an earlier check, if there is one.
    pub fn since(memory: Option<Memory>) -> Self {
        Self { memory, ..Self::default() }
    }

    /// What the next round is to compare itself with.
    pub fn memory(&self) -> Option<&Memory> {
        self.memory.as_ref()
    }

    /// Takes a round, and returns its check and what it noticed.
    pub fn add(&mut self, evidence: &Evidence) -> (Check, Option<Event>) {
        let check = Check::of(evidence);
        self.count += 1;
        let event = self.notice(evidence, &check);
        if let Some(event) = event.clone().filter(|_| self.events.len() < MOST_EVENTS) {
            self.events.push(event);
        }
        self.remember(&check);
        self.sum_up(&check);
        (check, event)
    }

    fn notice(&mut self, evidence: &Evidence, check: &Check) -> Option<Event> {
        let failures = evidence.observations.iter().filter_map(|seen| seen.outcome.as_ref().err());
        let is_silent = failures.clone().count() == evidence.observations.len();
        let was_silent = std::mem::replace(&mut self.is_silent, is_silent);
        let why = failures.map(ToString::to_string).next().unwrap_or_default();
        let (what, says) = match (was_silent, is_silent) {
            (true, true) => return None,
            (false, true) => ("silent", format!("no answer: {why}")),
            (true, false) => {
                self.changed(check).unwrap_or_else(|| ("back", "it answers again".to_owned()))
            }
            (false, false) => self.changed(check)?,
        };
        Some(Event { at: check.at.clone(), what, says })
    }

    /// What changed since the round before, if anything did.
    fn changed(&self, check: &Check) -> Option<(&'static str, String)> {
        let memory = self.memory.as_ref()?;
        let then = memory.last_contents();
        let contents: BTreeSet<Fingerprint> =
            check.validators.iter().filter_map(|seen| seen.content).collect();
        let is_new = !contents.is_subset(&then);
        let (change, line) = check.since.clone()?;
        match change {
            Change::Rolling => {
                let is_known = self.events.last().is_some_and(|event| event.what == "rolling");
                (!is_known).then_some(("rolling", line))
            }
            Change::Renewed => Some(("restart", line)),
            Change::Unseen => Some(("deploy", line)),
            Change::Reached if is_new => Some(("deploy", line)),
            _ if is_new => {
                Some(("deploy", "the content changed while it was looked at".to_owned()))
            }
            _ if is_retagged(memory, check) => {
                Some(("restart", "the tag changed while it was looked at".to_owned()))
            }
            _ => None,
        }
    }

    fn remember(&mut self, check: &Check) {
        if check.validators.is_empty() {
            return;
        }
        let memory = self.memory.take().unwrap_or_default();
        let is_rolling = matches!(check.since, Some((Change::Rolling, _)));
        // While a deployment is under way it is compared with what was before it.
        let now = check.validators.clone();
        let (last, gone) = if is_rolling { (memory.last, now) } else { (now, memory.last) };
        let mut older: Vec<Remembered> = Vec::new();
        for one in gone.into_iter().chain(memory.older) {
            if older.len() < Memory::MOST && !older.contains(&one) && !last.contains(&one) {
                older.push(one);
            }
        }
        let at = if is_rolling { memory.at } else { check.at.clone() };
        self.memory = Some(Memory { at, given: check.given.clone(), last, older });
    }
}

/// Reports whether a content of before has a tag that is new, beside one tag at most.
fn is_retagged(memory: &Memory, check: &Check) -> bool {
    let of = |seen: &[Remembered]| -> BTreeSet<Vec<u8>> {
        let plain = seen.iter().filter(|seen| seen.coding == "identity");
        plain.filter_map(|seen| seen.tag.as_deref()).map(|tag| opaque(tag).to_vec()).collect()
    };
    let (then, now) = (of(&memory.last), of(&check.validators));
    then.len() == 1 && now.len() <= 2 && !now.is_subset(&then)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::evidence;

    const OLD: &str = r#"
        8 × -> 200; ETag: "1" | old
        4 × If-None-Match: "1" -> 304; ETag: "1"
    "#;

    fn rounds(all: &[&str]) -> Rounds {
        let mut rounds = Rounds::default();
        for (at, exchanges) in all.iter().enumerate() {
            let earlier = rounds.memory().cloned();
            rounds.add(&Evidence { at: format!("{at}"), earlier, ..evidence(exchanges) });
        }
        rounds
    }

    /// Names of the events, each with its round, and of the findings.
    fn check(all: &[&str], events: &[&str], findings: &[&str]) -> Check {
        let check = rounds(all).verdict().expect("there was a round");
        let seen: Vec<_> =
            check.events.iter().map(|event| format!("{} {}", event.at, event.what)).collect();
        assert_eq!(seen, events, "{:?}", check.events);
        let names: Vec<_> = check.findings.iter().map(|found| &found.kind.name).collect();
        assert_eq!(names, findings, "{:?}", check.findings);
        check
    }

    fn reached(old: &str, new: &str, content: &str) -> String {
        format!(
            r#"
            -> 200; ETag: "{new}" | {content}
            3 × If-None-Match: "{old}" -> 200; ETag: "{new}" | {content}
            4 × -> 200; ETag: "{new}" | {content}
            4 × If-None-Match: "{new}" -> 304; ETag: "{new}"
            "#
        )
    }

    #[test]
    fn a_deploy_that_reaches_everybody_is_marked_and_healthy() {
        let new = reached("1", "2", "new");
        let same = new.replace("\"1\" -> 200; ETag: \"2\" | new", "\"2\" -> 304; ETag: \"2\"");
        let check = check(&[OLD, OLD, &new, &same], &["2 deploy"], &["healthy"]);
        assert_eq!(check.findings[0].evidence[0], "4 of 4 rounds were healthy, from 0 to 3");
    }

    #[test]
    fn a_deploy_that_nobody_sees_is_bad_for_the_whole_time() {
        let new = OLD.replace("old", "new");
        let check = check(&[OLD, &new, &new], &["1 deploy"], &["shared-tag-across-contents"]);
        let lines = &check.findings[0].evidence;
        assert_eq!(lines.last().map(String::as_str), Some("found in 1 of 3 rounds, first at 1"));
    }

    #[test]
    fn a_restart_is_marked_between_rounds_and_within_one() {
        let new = reached("1", "9", "old");
        check(&[OLD, &new], &["1 restart"], &["tag-renewed"]);
        let within = format!("{OLD}{}", reached("0", "9", "old"));
        check(&[OLD, &within], &["1 restart"], &["tag-renewed"]);
    }

    #[test]
    fn a_rollout_is_compared_with_what_was_before_it_until_it_is_over() {
        let turns = "-> 200; ETag: \"1\" | old\n-> 200; ETag: \"2\" | new\n".repeat(4);
        let rolling = format!("{turns}4 × If-None-Match: \"2\" -> 304; ETag: \"2\"");
        let over = reached("1", "2", "new");
        check(&[OLD, &rolling, &rolling, &over], &["1 rolling", "3 deploy"], &["healthy"]);
        check(&[OLD, &rolling, &rolling], &["1 rolling"], &["content-changing"]);
    }

    #[test]
    fn a_silence_is_marked_and_no_verdict() {
        let all = [OLD, "3 × -> cut", "3 × -> cut", OLD];
        check(&all, &["1 silent", "3 back"], &["healthy"]);
        check(&["3 × -> cut"], &["0 silent"], &["inconclusive"]);
    }

    #[test]
    fn a_number_that_comes_back_for_another_content_is_found() {
        let two = reached("1", "2", "new");
        let again = reached("2", "1", "newer");
        check(&[OLD, &two, &again], &["1 deploy", "2 deploy"], &["shared-tag-across-contents"]);
    }
}
