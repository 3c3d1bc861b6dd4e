//! What an arm shows, named: from its tally to findings with stable codes.
//!
//! Reads counts and what clients sent back; the same for the lab's replicas, foreign ones and a
//! polled server.

mod codings;
mod content;
mod dates;
mod evidence;
#[cfg(test)]
mod fixture;
mod outcome;
mod shared;
mod tags;

use client::Validate;
use measure::Tally;
use measure::record::{ArmRecord, FindingRecord, Severity, SharedStoreRecord};

/// Finds one thing in a tally, or does not.
type Rule = fn(&Tally) -> Option<Finding>;

/// Where clients send tags back.
const BY_TAG: [Rule; 4] = [tags::node_local, tags::stale, tags::absent, tags::ignored];
/// Where they send dates back, and nothing else.
const BY_DATE: [Rule; 4] =
    [tags::node_local_but_unused, dates::stale, dates::absent, dates::node_local];
/// Whatever they send back.
const ALWAYS: [Rule; 9] = [
    content::node_local,
    content::regressed,
    outcome::failed,
    outcome::unverifiable,
    outcome::started_again,
    codings::stripped,
    codings::suffix_not_understood,
    codings::switched,
    codings::shared_strong_tag,
];

/// Findings about one arm whose clients send back `validate`, worst first; never empty when there
/// was a response.
pub(crate) fn of(arm: &str, tally: &Tally, validate: Validate) -> Vec<FindingRecord> {
    let of_validator = if validate.by_tag() { BY_TAG } else { BY_DATE };
    let rules = of_validator.iter().chain(&ALWAYS);
    finished(rules.filter_map(|rule| rule(tally)).collect(), arm, tally)
}

/// The same about an arm whose tags stand in a store that all replicas share.
pub(crate) fn of_shared(
    arm: &str,
    tally: &Tally,
    shared: &SharedStoreRecord,
) -> Vec<FindingRecord> {
    let of_store = [shared::renewed, shared::store_failed];
    let of_store = of_store.iter().filter_map(|rule| rule(tally, shared));
    let of_tags = [tags::stale, tags::absent];
    let rules = of_tags.iter().chain(&ALWAYS).filter_map(|rule| rule(tally));
    finished(of_store.chain(rules).collect(), arm, tally)
}

/// Worst first; that all is well is said where nothing is wrong.
fn finished(mut found: Vec<Finding>, arm: &str, tally: &Tally) -> Vec<FindingRecord> {
    if !found.iter().any(|finding| finding.severity <= Severity::Warn) {
        found.extend(outcome::sound(tally));
    }
    found.sort_by_key(|finding| finding.severity);
    found.into_iter().map(|finding| finding.in_arm(arm)).collect()
}

/// What only several arms together show.
pub(crate) fn between(arms: &[ArmRecord]) -> Option<FindingRecord> {
    codings::differ(arms)
}

struct Finding {
    code: &'static str,
    severity: Severity,
    title: String,
    evidence: String,
}

impl Finding {
    fn in_arm(self, arm: &str) -> FindingRecord {
        FindingRecord {
            code: self.code.to_owned(),
            severity: self.severity,
            arm: Some(arm.to_owned()),
            title: self.title,
            evidence: self.evidence,
        }
    }
}
