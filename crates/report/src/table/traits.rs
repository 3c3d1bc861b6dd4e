//! Settings that differ between arms, in the words of the table and of a sentence.

use measure::record::{ArmRecord, CachingRecord, OnErrorRecord, SharedStoreRecord};
use text::counted;

use super::Trait;
use crate::metrics::sharing;
use crate::quantity::interval;

/// The settings in which these arms differ.
pub(crate) fn differing(arms: &[&ArmRecord]) -> Vec<Trait> {
    TRAITS.iter().filter_map(|each| Trait::distinct(each, arms)).collect()
}

type TraitValue = fn(&ArmRecord) -> String;

/// Label of the way in which tags are made.
pub(crate) const STRATEGY: &str = "strategy";

/// Label, value, and the value in words.
const TRAITS: [(&str, TraitValue, TraitValue); 16] = [
    (STRATEGY, |arm| arm.strategy.clone(), |arm| arm.strategy.clone()),
    ("replicas", |arm| arm.fleet_size.to_string(), |arm| counted(arm.fleet_size.into(), "replica")),
    ("policy", |arm| arm.setup.policy.clone(), |arm| arm.setup.policy.clone()),
    ("edge", |arm| edge(&arm.setup.edge), |arm| edge(&arm.setup.edge)),
    (
        "cache",
        |arm| edge(&arm.setup.cache_kind),
        |arm| format!("cache {}", edge(&arm.setup.cache_kind)),
    ),
    (
        "codings",
        |arm| codings(&arm.setup.accept_encoding),
        |arm| codings(&arm.setup.accept_encoding),
    ),
    (
        "clients",
        |arm| arm.setup.clients.to_string(),
        |arm| counted(arm.setup.clients.into(), "client"),
    ),
    ("cadence", |arm| cadence(&arm.setup.cadence), |arm| cadence(&arm.setup.cadence)),
    ("validate", |arm| arm.setup.caching.validate.clone(), |arm| validation(&arm.setup.caching)),
    ("freshness", |arm| regard(&arm.setup.caching).to_owned(), |arm| freshness(&arm.setup.caching)),
    (
        "if-range",
        |arm| arm.setup.caching.if_range.clone(),
        |arm| format!("if-range {}", arm.setup.caching.if_range),
    ),
    ("tags", protocol, |arm| format!("{} tags", protocol(arm))),
    ("lifetime", lifetime, |arm| format!("tags {}", lifetime(arm))),
    ("new tag", invalidated, |arm| format!("new tag {}", invalidated(arm))),
    (
        "on error",
        |arm| fate(&arm.setup.caching).to_owned(),
        |arm| format!("{} on errors", fate(&arm.setup.caching)),
    ),
    ("Poll-Interval", |arm| heed(&arm.setup.caching).to_owned(), |arm| pace(&arm.setup.caching)),
];

pub(crate) fn validation(caching: &CachingRecord) -> String {
    format!("validating by {}", caching.validate.replace("both", "tag and date"))
}

pub(crate) fn freshness(caching: &CachingRecord) -> String {
    format!("freshness {}", regard(caching))
}

pub(crate) fn after_errors(caching: &CachingRecord) -> String {
    format!("content {} on errors", fate(caching))
}

fn fate(caching: &CachingRecord) -> &'static str {
    if caching.on_error == Some(OnErrorRecord::Drop) { "dropped" } else { "kept" }
}

pub(crate) fn pace(caching: &CachingRecord) -> String {
    format!("Poll-Interval {}", heed(caching))
}

fn heed(caching: &CachingRecord) -> &'static str {
    if caching.obey_poll_interval { "obeyed" } else { "ignored" }
}

fn regard(caching: &CachingRecord) -> &'static str {
    if caching.honour_freshness { "honoured" } else { "ignored" }
}

// Old records say nothing of edges, for there were none.
fn edge(name: &str) -> String {
    if name.is_empty() { "none".to_owned() } else { name.to_owned() }
}

/// Codings that clients accept: `gzip`, or `gzip / identity` where they take turns.
pub(crate) fn codings(accept_encoding: &[String]) -> String {
    let entry = |entry: &String| match entry.trim() {
        "" => "identity".to_owned(),
        entry => entry.to_owned(),
    };
    let entries: Vec<_> = accept_encoding.iter().map(entry).collect();
    if entries.is_empty() { "identity".to_owned() } else { entries.join(" / ") }
}

// The record's word is a key; in a sentence it is hyphenated.
pub(crate) fn cadence(name: &str) -> String {
    name.replace("lockstep", "lock-step")
}

/// `hardened`, `as-published`, or `own`.
pub(crate) fn protocol(arm: &ArmRecord) -> String {
    of_store(arm, "own", |shared| shared.protocol.clone())
}

/// `for 100 ms`, or `for ever`.
pub(crate) fn lifetime(arm: &ArmRecord) -> String {
    of_store(arm, "for ever", |shared| Some(format!("for {}", interval(shared.ttl_ms?))))
}

/// `after commit`, `before commit` or `never`.
fn invalidated(arm: &ArmRecord) -> String {
    of_store(arm, "after commit", |shared| Some(shared.invalidate.as_ref()?.replace('-', " ")))
}

// A setting of shared tags. An arm without a store has tags of its own, which never expire.
fn of_store(
    arm: &ArmRecord,
    otherwise: &str,
    value: impl FnOnce(&SharedStoreRecord) -> Option<String>,
) -> String {
    sharing(arm).and_then(value).unwrap_or_else(|| otherwise.to_owned())
}

impl Trait {
    // `None` where all arms are the same: shared settings are in the setup line.
    fn distinct(
        (label, value, word): &(&'static str, TraitValue, TraitValue),
        arms: &[&ArmRecord],
    ) -> Option<Self> {
        let of = |each: &TraitValue| arms.iter().map(|arm| each(arm)).collect::<Vec<String>>();
        let values = of(value);
        let differ = values.windows(2).any(|pair| pair[0] != pair[1]);
        differ.then(|| Self { label, words: of(word), values })
    }
}
