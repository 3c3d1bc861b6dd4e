//! The table, drawn once: a row per metric, a cell per arm, the change from first to last.
//!
//! Cells are finished words, but as they came: formats neutralise, align and wrap them.

mod grid;
mod shared;

use measure::record::{ArmRecord, CachingRecord, OnErrorRecord};

use crate::cell::Cell;
use crate::metrics::{METRICS, Metric};
use text::counted;

pub(crate) use grid::{Grid, Heading, Line, Subheading};
pub(crate) use shared::{lifetime, protocol};

/// One arm (or one run of an arm) as a column.
pub(crate) struct Column<'a> {
    /// Heading.
    pub(crate) name: &'a str,
    /// The measurements.
    pub(crate) arm: &'a ArmRecord,
}

/// Rows and their headings.
pub(crate) struct Table {
    /// Names of the arms.
    pub(crate) names: Vec<String>,
    /// The settings that differ between the arms, under their names: strategy, replicas, policy, ….
    pub(crate) traits: Vec<Trait>,
    /// The metrics that have something to say.
    pub(crate) rows: Vec<Row>,
}

/// Something that was set, and not the same in every arm.
pub(crate) struct Trait {
    /// `strategy`, `replicas`, `policy`, ….
    pub(crate) label: &'static str,
    /// One for each arm, readable alone: `3 replicas`.
    pub(crate) words: Vec<String>,
    /// One for each arm, beside or under the label: `3`.
    pub(crate) values: Vec<String>,
}

/// One metric over all arms.
pub(crate) struct Row {
    /// The metric.
    pub(crate) metric: &'static Metric,
    /// One for each arm.
    pub(crate) cells: Vec<Cell>,
    /// From the first arm to the last.
    pub(crate) change: Option<String>,
}

/// The rows that show their change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changes {
    /// The ones that a run is made to show.
    Headline,
    /// All: two runs side by side.
    Every,
}

impl Table {
    /// The table of these arms.
    pub(crate) fn of(columns: &[Column<'_>], changes: Changes) -> Self {
        let arms: Vec<&ArmRecord> = columns.iter().map(|column| column.arm).collect();
        Self {
            names: columns.iter().map(|column| column.name.to_owned()).collect(),
            traits: TRAITS.iter().filter_map(|each| Trait::distinct(each, &arms)).collect(),
            rows: METRICS
                .iter()
                .filter(|metric| arms.iter().any(|arm| (metric.shown)(arm)))
                .map(|metric| row(metric, &arms, changes))
                .collect(),
        }
    }

    /// True when any row shows a change.
    pub(crate) fn has_changes(&self) -> bool {
        self.rows.iter().any(|row| row.change.is_some())
    }
}

type TraitValue = fn(&ArmRecord) -> String;

/// Label, value, and the value in words.
const TRAITS: [(&str, TraitValue, TraitValue); 15] = [
    ("strategy", |arm| arm.strategy.clone(), |arm| arm.strategy.clone()),
    ("replicas", |arm| arm.fleet_size.to_string(), |arm| counted(arm.fleet_size.into(), "replica")),
    ("policy", |arm| arm.setup.policy.clone(), |arm| arm.setup.policy.clone()),
    ("edge", |arm| edge(&arm.setup.edge), |arm| edge(&arm.setup.edge)),
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
    ("tags", shared::protocol, |arm| format!("{} tags", shared::protocol(arm))),
    ("lifetime", shared::lifetime, |arm| format!("tags {}", shared::lifetime(arm))),
    ("new tag", shared::invalidated, |arm| format!("new tag {}", shared::invalidated(arm))),
    (
        "on error",
        |arm| fate(&arm.setup.caching).to_owned(),
        |arm| format!("{} on errors", fate(&arm.setup.caching)),
    ),
    ("Poll-Interval", |arm| heed(&arm.setup.caching).to_owned(), |arm| pace(&arm.setup.caching)),
];

/// By which validators clients ask again.
pub(crate) fn validation(caching: &CachingRecord) -> String {
    format!("validating by {}", caching.validate.replace("both", "tag and date"))
}

/// The clients' regard for `max-age` and similar directives.
pub(crate) fn freshness(caching: &CachingRecord) -> String {
    format!("freshness {}", regard(caching))
}

/// The clients' treatment of stored content when a poll fails.
pub(crate) fn after_errors(caching: &CachingRecord) -> String {
    format!("content {} on errors", fate(caching))
}

fn fate(caching: &CachingRecord) -> &'static str {
    if caching.on_error == Some(OnErrorRecord::Drop) { "dropped" } else { "kept" }
}

/// The clients' regard for the server's `Poll-Interval`.
pub(crate) fn pace(caching: &CachingRecord) -> String {
    format!("Poll-Interval {}", heed(caching))
}

fn heed(caching: &CachingRecord) -> &'static str {
    if caching.obey_poll_interval { "obeyed" } else { "ignored" }
}

fn regard(caching: &CachingRecord) -> &'static str {
    if caching.honour_freshness { "honoured" } else { "ignored" }
}

/// Old records say nothing of edges, for there were none.
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

/// The record's word is a key; in a sentence it is hyphenated.
pub(crate) fn cadence(name: &str) -> String {
    name.replace("lockstep", "lock-step")
}

impl Trait {
    /// `None` where all arms are the same: shared settings are in the setup line.
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
        [first, .., last] if wanted => {
            metric.change.describe((metric.value)(first), (metric.value)(last))
        }
        _ => None,
    };
    Row { metric, cells: arms.iter().map(|arm| (metric.cell)(arm)).collect(), change }
}
