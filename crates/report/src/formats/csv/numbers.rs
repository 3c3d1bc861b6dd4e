//! Every number of an arm under its column name, in one list, so that no two places disagree.
//!
//! Names are a public contract, like those of the record: added to, never renamed.

mod control_plane;

use std::fmt;

use measure::record::{ArmRecord, LatencyRecord, SharedStoreRecord};

use crate::metrics::{changes_polled, changes_updated, round_trips};

/// A plain number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::formats) enum Number {
    /// A count.
    Whole(u64),
    /// A ratio or a mean, or a difference; `None` when it was not measured.
    Real(Option<f64>),
}

/// Columns of one table: the numbers that any of its arms has.
#[derive(Clone, Copy, Debug)]
pub(in crate::formats) struct Columns {
    control_plane: bool,
}

impl Columns {
    /// The columns of a table of these arms.
    pub(in crate::formats) fn of<'a>(mut arms: impl Iterator<Item = &'a ArmRecord>) -> Self {
        Self { control_plane: arms.any(|arm| arm.control_plane.is_some()) }
    }

    /// Names and values, the same names in the same order for every arm.
    pub(in crate::formats) fn numbers(self, arm: &ArmRecord) -> Vec<(&'static str, Number)> {
        let mut numbers = numbers(arm);
        if self.control_plane {
            numbers.extend(control_plane::numbers(arm));
        }
        numbers
    }
}

/// The numbers of an arm.
fn numbers(arm: &ArmRecord) -> Vec<(&'static str, Number)> {
    let mut numbers = polls(arm);
    numbers.extend(verdicts(arm));
    numbers.extend(bytes(arm));
    numbers.extend(latency(arm.latency_us, LATENCY));
    numbers.extend(latency(arm.latency_200_us, LATENCY_200));
    numbers.extend(latency(arm.latency_304_us, LATENCY_304));
    numbers.extend([
        ("elapsed_s", real(arm.elapsed_s)),
        ("tags_for_same_content", Number::Whole(arm.tags_for_same_content as u64)),
        ("contents_for_same_tag", Number::Whole(arm.contents_for_same_tag as u64)),
        ("contents_for_same_edition", Number::Whole(arm.contents_for_same_edition as u64)),
        ("origin_cpu_s", Number::Real(arm.origin_cpu_s)),
        ("origin_cpu_us_per_poll", Number::Real(arm.origin_cpu_us_per_poll)),
        ("bytes_saved_per_cpu_second", Number::Real(arm.bytes_saved_per_cpu_second)),
        ("changes_clients_polled", Number::Whole(changes_polled(arm))),
        ("changes_clients_updated", Number::Whole(changes_updated(arm))),
        ("resumes_attempted", Number::Whole(arm.resumes.attempted)),
        ("resumes_partial", Number::Whole(arm.resumes.partial)),
        ("resumes_whole", Number::Whole(arm.resumes.whole)),
    ]);
    numbers.extend(shared_store(arm));
    numbers.extend(tables(arm));
    numbers
}

/// Empty cells where the arm shares nothing.
fn shared_store(arm: &ArmRecord) -> [(&'static str, Number); 10] {
    let shared = arm.shared_store.as_ref();
    let number =
        |value: fn(&SharedStoreRecord) -> u64| Number::Real(shared.map(value).map(|n| n as f64));
    [
        ("store_queries", number(|shared| shared.queries)),
        (
            "store_queries_per_1000_polls",
            Number::Real(shared.and_then(|shared| shared.queries_per_1000_polls)),
        ),
        ("store_queries_on_not_modified", number(|shared| shared.queries_on_not_modified)),
        ("store_hits", number(|shared| shared.hits)),
        ("store_header_missing", number(|shared| shared.misses.header_missing)),
        ("store_key_not_found", number(|shared| shared.misses.key_not_found)),
        ("store_resource_changed", number(|shared| shared.misses.resource_changed)),
        ("store_errors", number(|shared| shared.store_errors)),
        ("store_ttl_ms", Number::Real(shared.and_then(|shared| shared.ttl_ms))),
        (
            "store_ttl_floor",
            Number::Real(shared.and_then(|shared| shared.ttl_floor).map(|floor| floor as f64)),
        ),
    ]
}

fn polls(arm: &ArmRecord) -> Vec<(&'static str, Number)> {
    let end = |index: usize| Number::Real(arm.predicted_interval.map(|range| range[index]));
    vec![
        ("fleet_size", Number::Whole(arm.fleet_size.into())),
        ("clients", Number::Whole(arm.setup.clients.into())),
        ("connections", Number::Whole(arm.setup.connections.into())),
        ("polls", Number::Whole(arm.polls)),
        ("round_trips", Number::Whole(round_trips(arm))),
        ("conditional", Number::Whole(arm.conditional)),
        ("not_modified", Number::Whole(arm.not_modified)),
        ("not_modified_ratio", Number::Real(arm.not_modified_ratio)),
        ("not_modified_ratio_of_all", Number::Real(arm.not_modified_ratio_of_all)),
        ("predicted_not_modified_ratio", Number::Real(arm.predicted_not_modified_ratio)),
        ("predicted_low", end(0)),
        ("predicted_high", end(1)),
    ]
}

fn verdicts(arm: &ArmRecord) -> Vec<(&'static str, Number)> {
    let verdicts = arm.verdicts;
    vec![
        ("first_fetch", Number::Whole(verdicts.first_fetch)),
        ("validated", Number::Whole(verdicts.validated)),
        ("changed", Number::Whole(verdicts.changed)),
        ("regressed", Number::Whole(verdicts.regressed)),
        ("needless_transfer", Number::Whole(verdicts.needless_transfer)),
        ("false_validation", Number::Whole(verdicts.false_validation)),
        ("fresh_hit", Number::Whole(verdicts.fresh_hit)),
        ("unverifiable", Number::Whole(verdicts.unverifiable)),
        ("error", Number::Whole(verdicts.error)),
    ]
}

fn tables(arm: &ArmRecord) -> [(&'static str, Number); 6] {
    let tables = arm.tables;
    [
        ("tables_held_at_end", Number::Whole(tables.held_at_end)),
        ("tables_loads", Number::Whole(tables.loads)),
        ("tables_lost", Number::Whole(tables.lost)),
        ("tables_kept_through_errors", Number::Whole(tables.kept_through_errors)),
        ("tables_longest_unconfirmed_us", Number::Whole(tables.longest_unconfirmed_us)),
        ("paused", Number::Whole(arm.paused)),
    ]
}

fn bytes(arm: &ArmRecord) -> Vec<(&'static str, Number)> {
    let bytes = arm.bytes;
    vec![
        ("request_bytes", Number::Whole(bytes.requests)),
        ("response_bytes", Number::Whole(bytes.responses)),
        ("response_field_bytes", Number::Whole(bytes.response_fields)),
        ("response_content_bytes", Number::Whole(bytes.response_content)),
        ("bytes_per_unchanged_poll", Number::Real(bytes.per_unchanged_poll)),
        ("ideal_response_bytes", Number::Whole(bytes.ideal_responses)),
        ("instrumentation_bytes", Number::Whole(bytes.instrumentation)),
        ("both_direction_bytes", Number::Whole(bytes.both_directions)),
    ]
}

type Quantiles = [&'static str; 5];

const LATENCY: Quantiles =
    ["latency_p50_us", "latency_p90_us", "latency_p99_us", "latency_p999_us", "latency_max_us"];
const LATENCY_200: Quantiles = [
    "latency_200_p50_us",
    "latency_200_p90_us",
    "latency_200_p99_us",
    "latency_200_p999_us",
    "latency_200_max_us",
];
const LATENCY_304: Quantiles = [
    "latency_304_p50_us",
    "latency_304_p90_us",
    "latency_304_p99_us",
    "latency_304_p999_us",
    "latency_304_max_us",
];

fn latency(
    latency: Option<LatencyRecord>,
    names: Quantiles,
) -> impl Iterator<Item = (&'static str, Number)> {
    let values = latency.map(|l| [l.p50, l.p90, l.p99, l.p999, l.max]);
    names.into_iter().enumerate().map(move |(index, name)| {
        (name, values.map_or(Number::Real(None), |values| Number::Whole(values[index])))
    })
}

fn real(number: f64) -> Number {
    Number::Real(Some(number))
}

impl Number {
    /// As a floating-point number; exact up to 2⁵³.
    pub(in crate::formats) fn value(self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(number as f64),
            Self::Real(number) => number,
        }
    }

    /// `to` less this; nothing when either was not measured.
    pub(in crate::formats) fn change_to(self, to: Self) -> Self {
        Self::Real(to.value().zip(self.value()).map(|(to, from)| to - from))
    }
}

impl fmt::Display for Number {
    /// Digits, a point, a hyphen for minus: what every parser of numbers reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => write!(f, "{number}"),
            Self::Real(Some(number)) => write!(f, "{number}"),
            Self::Real(None) => Ok(()),
        }
    }
}
