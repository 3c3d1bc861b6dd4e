//! The metrics of the table in their order: how each is read from an arm, and how it is put.
//!
//! Adding one is one entry in `METRICS`; every format shows it. Rows that belong together are in a file of
//! their own below. Nothing is counted here.

mod control_plane;
mod cost;
mod shared_tags;
mod tables;

use measure::record::{ArmRecord, LatencyRecord};

pub(crate) use cost::{cpu_time, is_content_large};
pub(crate) use shared_tags::sharing;

use cost::content_per_200;

use crate::cell::{Cell, Tone};
use crate::change::Change;
use crate::quantity::{bytes, durations, percent, percent_range};
use text::count;

pub(crate) use control_plane::source_requests;

/// One row of the table.
pub(crate) struct Metric {
    /// Label of the row.
    pub(crate) label: &'static str,
    /// Belongs to the row above it.
    pub(crate) detail: bool,
    /// Heading where arms are rows, in two lines of which the first may be empty; `None`
    /// keeps it out of there.
    pub(crate) column: Option<[&'static str; 2]>,
    /// Begins a new block here where the columns do not all fit side by side, rather than
    /// elsewhere.
    pub(crate) begins_block: bool,
    /// The row appears when this holds for any arm.
    pub(crate) shown: fn(&ArmRecord) -> bool,
    /// In words.
    pub(crate) cell: fn(&ArmRecord) -> Cell,
    /// The number whose change is reported; `None` when it was not measured.
    pub(crate) value: fn(&ArmRecord) -> Option<f64>,
    /// The form in which a change is reported.
    pub(crate) change: Change,
    /// True when the change is reported in the table of one run, not only between two.
    pub(crate) headline: bool,
}

/// The default of most metrics: a count that is always shown.
const COUNT: Metric = Metric {
    label: "",
    detail: false,
    column: None,
    begins_block: false,
    shown: |_| true,
    cell: |_| Cell::maybe(None),
    value: |_| None,
    change: Change::Count,
    headline: false,
};

/// Every metric, in the order of the table.
pub(crate) static METRICS: &[Metric] = &[
    Metric {
        label: "304 rate (conditional)",
        column: Some(["304", "rate"]),
        cell: |arm| {
            let of = format!("{}/{}", count(arm.not_modified), count(arm.conditional));
            let ratio = arm.not_modified_ratio.map(percent);
            // A rate of few requests says little, so its parts are shown with it.
            let note = ratio.is_some().then_some(of);
            Cell::maybe(ratio).note(note)
        },
        value: |arm| arm.not_modified_ratio,
        change: Change::Points,
        ..COUNT
    },
    Metric {
        label: "predicted",
        detail: true,
        column: Some(["", "predicted"]),
        shown: |arm| arm.predicted_not_modified_ratio.is_some(),
        cell: predicted,
        value: |arm| arm.predicted_not_modified_ratio,
        change: Change::Points,
        ..COUNT
    },
    Metric {
        label: "needless 200s",
        column: Some(["needless", "200s"]),
        cell: |arm| fault(arm.verdicts.needless_transfer),
        value: |arm| Some(arm.verdicts.needless_transfer as f64),
        ..COUNT
    },
    Metric {
        label: "false 304s (stale)",
        column: Some(["false", "304s"]),
        cell: false_validations,
        value: |arm| false_validations_known(arm).then_some(arm.verdicts.false_validation as f64),
        ..COUNT
    },
    Metric {
        label: "went back to old content",
        column: Some(["went", "back"]),
        shown: |arm| arm.verdicts.regressed > 0,
        cell: |arm| fault(arm.verdicts.regressed),
        value: |arm| Some(arm.verdicts.regressed as f64),
        ..COUNT
    },
    Metric {
        label: "unverifiable 304s",
        column: Some(["unverif.", "304s"]),
        shown: |arm| arm.verdicts.unverifiable > 0,
        cell: |arm| number(arm.verdicts.unverifiable),
        value: |arm| Some(arm.verdicts.unverifiable as f64),
        ..COUNT
    },
    Metric {
        label: "fresh hits (no request)",
        column: Some(["fresh", "hits"]),
        shown: |arm| arm.verdicts.fresh_hit > 0,
        cell: |arm| number(arm.verdicts.fresh_hit),
        value: |arm| Some(arm.verdicts.fresh_hit as f64),
        ..COUNT
    },
    Metric {
        label: "revalidations",
        column: Some(["", "revalidations"]),
        shown: |arm| arm.verdicts.fresh_hit > 0,
        cell: |arm| number(arm.conditional),
        value: |arm| Some(arm.conditional as f64),
        ..COUNT
    },
    Metric {
        label: "downloads resumed",
        column: Some(["downloads", "resumed"]),
        shown: |arm| arm.resumes.attempted > 0,
        cell: resumed,
        value: |arm| (arm.resumes.attempted > 0).then_some(arm.resumes.partial as f64),
        ..COUNT
    },
    Metric {
        label: "polls the server put off",
        column: Some(["polls", "put off"]),
        shown: |arm| arm.setup.caching.obey_poll_interval,
        cell: |arm| number(arm.paused),
        value: |arm| Some(arm.paused as f64),
        ..COUNT
    },
    Metric {
        label: "errors",
        column: Some(["", "errors"]),
        shown: |arm| arm.verdicts.error > 0,
        cell: |arm| fault(arm.verdicts.error),
        value: |arm| Some(arm.verdicts.error as f64),
        ..COUNT
    },
    tables::HELD,
    tables::LOST,
    tables::LOADS,
    tables::SURVIVED,
    tables::LONGEST_UNCONFIRMED,
    Metric {
        label: "bytes to clients",
        column: Some(["bytes to", "clients"]),
        begins_block: true,
        cell: |arm| Cell::new(bytes(arm.bytes.responses)),
        value: |arm| Some(arm.bytes.responses as f64),
        change: Change::Percent,
        headline: true,
        ..COUNT
    },
    Metric {
        label: "bytes per unchanged poll",
        column: Some(["bytes per", "unchanged poll"]),
        cell: |arm| {
            Cell::maybe(arm.bytes.per_unchanged_poll.map(|mean| bytes(mean.round() as u64)))
        },
        value: |arm| arm.bytes.per_unchanged_poll,
        change: Change::Times,
        headline: true,
        ..COUNT
    },
    Metric {
        label: "bytes from clients",
        cell: |arm| Cell::new(bytes(arm.bytes.requests)),
        value: |arm| Some(arm.bytes.requests as f64),
        change: Change::Percent,
        headline: true,
        ..COUNT
    },
    Metric {
        label: "bytes, both directions",
        column: Some(["bytes, both", "directions"]),
        shown: is_content_small,
        cell: |arm| Cell::new(bytes(arm.bytes.both_directions)),
        value: |arm| Some(arm.bytes.both_directions as f64),
        change: Change::Percent,
        headline: true,
        ..COUNT
    },
    Metric {
        label: "round trips",
        column: Some(["round", "trips"]),
        cell: |arm| number(round_trips(arm)),
        value: |arm| Some(round_trips(arm) as f64),
        change: Change::Percent,
        headline: true,
        ..COUNT
    },
    Metric {
        label: "latency p50 / p99",
        column: Some(["latency", "p50 / p99"]),
        cell: |arm| Cell::maybe(arm.latency_us.map(|l| durations(&[Some(l.p50), Some(l.p99)]))),
        value: |arm| arm.latency_us.map(|latency| latency.p50 as f64),
        change: Change::PercentOf("p50"),
        ..COUNT
    },
    Metric {
        label: "p50 of 200s / 304s",
        detail: true,
        shown: |arm| arm.latency_200_us.is_some() && arm.latency_304_us.is_some(),
        cell: |arm| {
            let p50 = |latency: Option<LatencyRecord>| latency.map(|latency| latency.p50);
            let both = [p50(arm.latency_200_us), p50(arm.latency_304_us)];
            Cell::maybe(both.iter().any(Option::is_some).then(|| durations(&both)))
        },
        ..COUNT
    },
    cost::CPU_PER_POLL,
    cost::SAVED_PER_CPU_SECOND,
    shared_tags::QUERIES,
    shared_tags::QUERIES_ON_NOT_MODIFIED,
    shared_tags::HITS,
    shared_tags::MISSES,
    shared_tags::TTL_FLOOR,
    shared_tags::ERRORS,
    Metric {
        label: "distinct tags, same bytes",
        shown: |arm| arm.polls > arm.verdicts.error,
        column: Some(["tags for", "same bytes"]),
        cell: tags_for_same_content,
        value: |arm| Some(arm.tags_for_same_content as f64),
        ..COUNT
    },
    Metric {
        label: "distinct bytes, same tag",
        shown: |arm| arm.contents_for_same_tag > 1,
        cell: |arm| {
            Cell::new(count(arm.contents_for_same_tag as u64))
                .tone(if arm.contents_for_same_tag > 1 { Tone::Bad } else { Tone::Good })
        },
        value: |arm| Some(arm.contents_for_same_tag as f64),
        ..COUNT
    },
    Metric {
        label: "distinct bytes, same edition",
        column: Some(["bytes for", "same edition"]),
        shown: |arm| arm.contents_for_same_edition > 1,
        cell: |arm| {
            Cell::new(count(arm.contents_for_same_edition as u64))
                .tone(if arm.contents_for_same_edition > 1 { Tone::Bad } else { Tone::Good })
        },
        value: |arm| Some(arm.contents_for_same_edition as f64),
        ..COUNT
    },
    Metric {
        label: "change seen on next poll",
        shown: |arm| changes_polled(arm) > 0,
        cell: changes_seen,
        value: |arm| (changes_polled(arm) > 0).then(|| changes_updated(arm) as f64),
        ..COUNT
    },
    control_plane::SOURCE_REQUESTS,
    control_plane::SOURCE_REQUESTS_IN_RUN,
    control_plane::SOURCE_CPU,
    control_plane::SOURCE_BYTES,
    control_plane::CLIENT_REQUESTS,
    control_plane::CLIENT_REQUESTS_IN_RUN,
    control_plane::FRESHNESS,
    control_plane::FRESHNESS_LIMIT,
    control_plane::UP_TO_DATE,
    control_plane::UNKNOWN_TABLES,
    control_plane::DIFFERENCES,
    control_plane::KILLS,
];

/// Requests made: a fresh stored response needs none (RFC 9111 §4.2), a broken download two.
pub(crate) fn round_trips(arm: &ArmRecord) -> u64 {
    arm.polls.saturating_sub(arm.verdicts.fresh_hit).saturating_add(arm.resumes.attempted)
}

/// Clients that polled after a change, summed over the changes.
pub(crate) fn changes_polled(arm: &ArmRecord) -> u64 {
    arm.changes_seen.iter().fold(0, |sum, change| sum.saturating_add(change.clients_polled))
}

/// Of [`changes_polled`], those that had the new content at once.
pub(crate) fn changes_updated(arm: &ArmRecord) -> u64 {
    arm.changes_seen.iter().fold(0, |sum, change| sum.saturating_add(change.clients_updated))
}

/// Content no larger than the fields that travel with it: a 304 may save nothing then. Never so
/// in records from before both directions were added up.
fn is_content_small(arm: &ArmRecord) -> bool {
    let fields = arm.bytes.response_fields as f64 / round_trips(arm).max(1) as f64;
    // Records from before both directions were counted have zero here.
    arm.bytes.both_directions > 0 && content_per_200(arm).is_some_and(|content| content <= fields)
}

fn number(value: u64) -> Cell {
    Cell::new(count(value))
}

/// A count that should be zero.
fn fault(value: u64) -> Cell {
    number(value).tone(if value > 0 { Tone::Bad } else { Tone::Good })
}

fn predicted(arm: &ArmRecord) -> Cell {
    let range = arm.predicted_interval.map(|range| format!("({})", percent_range(range)));
    let text = arm.predicted_not_modified_ratio.map(|ratio| match range {
        Some(range) => format!("{} {range}", percent(ratio)),
        None => percent(ratio),
    });
    Cell::maybe(text).tone(Tone::Faint)
}

/// False when some 304s could not be verified: then none found false does not mean that none was.
fn false_validations_known(arm: &ArmRecord) -> bool {
    arm.verdicts.unverifiable == 0 || arm.verdicts.false_validation > 0
}

fn false_validations(arm: &ArmRecord) -> Cell {
    if false_validations_known(arm) {
        fault(arm.verdicts.false_validation)
    } else {
        Cell::new("unknown".to_owned()).tone(Tone::Faint)
    }
}

fn tags_for_same_content(arm: &ArmRecord) -> Cell {
    match arm.tags_for_same_content {
        // Zero would read like a good result.
        0 => Cell::new("no tag".to_owned()),
        1 => number(1).tone(Tone::Good),
        tags => number(tags as u64).tone(Tone::Bad),
    }
}

/// Of the downloads that broke, those that went on where they had ended.
fn resumed(arm: &ArmRecord) -> Cell {
    let resumes = arm.resumes;
    if resumes.attempted == 0 {
        return Cell::maybe(None);
    }
    let of = format!("{}/{}", count(resumes.partial), count(resumes.attempted));
    let all = resumes.partial == resumes.attempted;
    Cell::new(of).tone(if all { Tone::Good } else { Tone::Bad })
}

fn changes_seen(arm: &ArmRecord) -> Cell {
    let (updated, polled) = (changes_updated(arm), changes_polled(arm));
    if polled == 0 {
        return Cell::maybe(None);
    }
    // With several changes a client is counted once for each, so the noun would be wrong.
    let noun = if arm.changes_seen.len() == 1 { " clients" } else { "" };
    Cell::new(format!("{}/{}{noun}", count(updated), count(polled))).tone(if updated == polled {
        Tone::Good
    } else {
        Tone::Bad
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_headings_are_unique() {
        let mut labels: Vec<_> = METRICS.iter().map(|metric| metric.label).collect();
        let mut headings: Vec<_> = METRICS.iter().filter_map(|metric| metric.column).collect();
        let (all_labels, all_headings) = (labels.len(), headings.len());
        labels.sort_unstable();
        labels.dedup();
        headings.sort_unstable();
        headings.dedup();
        assert_eq!((labels.len(), headings.len()), (all_labels, all_headings));
    }
}
