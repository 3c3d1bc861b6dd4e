//! The table, drawn once: a row per metric, a cell per arm, and of two arms the change.
//!
//! Cells are finished words, but as they came: formats neutralise, align and wrap them.

mod grid;

use measure::record::{ArmRecord, CachingRecord, OnErrorRecord, SharedStoreRecord};

use crate::cell::Cell;
use crate::metrics::{self, Metric, sharing};
use crate::quantity::interval;
use text::counted;

pub(crate) use grid::{Grid, Heading, Line};

use grid::ARMS_SIDE_BY_SIDE;

pub(crate) struct Table {
    pub(crate) names: Vec<String>,
    /// The settings that differ between the arms, under their names.
    pub(crate) traits: Vec<Trait>,
    pub(crate) rows: Vec<Row>,
    /// Of many arms, what is the same in each, and in no row: `round trips 1,000`.
    pub(crate) alike: Vec<String>,
}

/// Something that was set, and not the same in every arm.
pub(crate) struct Trait {
    pub(crate) label: &'static str,
    /// One for each arm, readable alone: `3 replicas`.
    pub(crate) words: Vec<String>,
    /// One for each arm, beside or under the label: `3`.
    pub(crate) values: Vec<String>,
}

pub(crate) struct Row {
    pub(crate) metric: &'static Metric,
    pub(crate) cells: Vec<Cell>,
    pub(crate) change: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changes {
    /// The ones that a run is made to show.
    Headline,
    /// All: two runs side by side.
    Every,
}

impl Table {
    pub(crate) fn of(columns: &[(&str, &ArmRecord)], changes: Changes) -> Self {
        let arms: Vec<&ArmRecord> = columns.iter().map(|(_, arm)| *arm).collect();
        let shown = metrics::all().filter(|metric| arms.iter().any(|arm| metric.is_shown(arm)));
        let rows = shown.map(|metric| row(metric, &arms, changes));
        let is_tall = arms.len() > ARMS_SIDE_BY_SIDE;
        let (alike, rows): (Vec<_>, Vec<_>) = rows.partition(|row| is_tall && row.is_foldable());
        Self {
            names: columns.iter().map(|(name, _)| (*name).to_owned()).collect(),
            traits: differing(&arms),
            rows,
            alike: alike.iter().map(Row::in_words).collect(),
        }
    }

    pub(crate) fn has_changes(&self) -> bool {
        self.rows.iter().any(|row| row.change.is_some())
    }
}

impl Row {
    fn is_foldable(&self) -> bool {
        self.metric.folds && self.cells.windows(2).all(|pair| pair[0].text == pair[1].text)
    }

    fn in_words(&self) -> String {
        let value = self.cells.first().map_or("", |cell| cell.text.as_str());
        format!("{} {value}", self.metric.spoken())
    }
}

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

fn row(metric: &'static Metric, arms: &[&ArmRecord], changes: Changes) -> Row {
    // Within one run most changes are what the reader is to judge; only the rows that the run is
    // about state theirs.
    let wanted = changes == Changes::Every || metric.headline;
    let change = match arms {
        // Of more arms, the first and the last are not always what was changed into what.
        [first, last] if wanted => metric.change_between(first, last),
        _ => None,
    };
    Row { metric, cells: arms.iter().map(|arm| metric.cell(arm)).collect(), change }
}
