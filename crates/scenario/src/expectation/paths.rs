//! The numbers of a `RunRecord` that an expectation can name.
//!
//! Taken from sample records and not from a list, so that a new field of the record can be named
//! on the day it is added.

use std::sync::LazyLock;

use measure::Tally;
use measure::record::{
    ArmRecord, CacheRecord, ChangeSeenRecord, CodingRecord, ComparisonRecord, ControlPlaneRecord,
    ErrorRecord, FreshnessRecord, LatencyRecord, OnErrorRecord, ReplicaRecord, RoundBucketRecord,
    SharedStoreRecord, WritesRecord,
};
use serde_json::Value;

pub(super) const COMPARISON: &str = "comparison";

/// Table of an arm whose keys may be named without it.
const SHORT: &str = "verdicts";

static ARM: LazyLock<Vec<Number>> = LazyLock::new(|| numbers(&to_value(&sample_arm())));
static IN_COMPARISON: LazyLock<Vec<Number>> =
    LazyLock::new(|| numbers(&to_value(&sample_comparison())));

/// A number of the record.
struct Number {
    path: String,
    /// True for counts, which have no fractions.
    is_whole: bool,
}

/// The whole path, if it names a number of an arm; verdicts need no prefix. A number may also have
/// its name in CSV files.
pub(super) fn in_arm(path: &str) -> Option<String> {
    let paths = [path.to_owned(), format!("{SHORT}.{path}")];
    let in_record = paths.into_iter().find(|path| find(&ARM, path).is_some());
    in_record.or_else(|| columns().find(|name| *name == path).map(str::to_owned))
}

/// Names of the numbers of an arm in CSV files.
fn columns() -> impl Iterator<Item = &'static str> {
    measure::numbers::all().map(|(name, _)| *name)
}

/// Name in CSV files of the number at a path of the record; `None` where they have none.
pub(crate) fn column(path: &str) -> Option<&'static str> {
    // Any number that no field of the sample has by itself.
    const MARK: u64 = 7_331;
    let path = in_arm(path)?;
    let mut sample = to_value(&sample_arm());
    *sample.pointer_mut(&format!("/{}", path.replace('.', "/")))? = MARK.into();
    let arm: ArmRecord = serde_json::from_value(sample).ok()?;
    // Several numbers may be made of this one; the first is the number itself.
    columns().find(|name| measure::numbers::value(&arm, name) == Some(MARK as f64))
}

pub(super) fn in_comparison(path: &str) -> Option<String> {
    Some(path.to_owned()).filter(|path| find(&IN_COMPARISON, path).is_some())
}

fn find<'a>(numbers: &'a [Number], path: &str) -> Option<&'a Number> {
    let path = normal(path);
    numbers.iter().find(|number| number.path == path)
}

/// True if this number of an arm, or of the comparison, is a count, which has no fractions.
pub(super) fn is_whole(path: &str, in_comparison: bool) -> bool {
    let numbers = if in_comparison { &IN_COMPARISON } else { &ARM };
    find(numbers, path).is_some_and(|number| number.is_whole)
}

/// Candidates for a path: those of an arm, the short ones first, or of the comparison.
pub(super) fn candidates(in_comparison: bool) -> Vec<&'static str> {
    if in_comparison {
        return IN_COMPARISON.iter().map(|number| number.path.as_str()).collect();
    }
    let full = ARM.iter().map(|number| number.path.as_str());
    let verdicts = full.clone().filter_map(|path| path.strip_prefix(SHORT)?.strip_prefix('.'));
    let (short, long): (Vec<_>, Vec<_>) = full.partition(|path| !path.contains('.'));
    let mut paths: Vec<_> = short.into_iter().chain(verdicts).chain(long).collect();
    let further: Vec<_> = columns().filter(|name| !paths.contains(name)).collect();
    paths.extend(further);
    paths
}

fn normal(path: &str) -> String {
    let name = |name: &str| {
        let is_index = !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
        if is_index { "0".to_owned() } else { name.to_owned() }
    };
    path.split('.').map(name).collect::<Vec<_>>().join(".")
}

fn numbers(value: &Value) -> Vec<Number> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list.iter().take(1).map(|value| ("0".to_owned(), value)).collect(),
        _ => return Vec::new(),
    };
    let below = children.into_iter().flat_map(|(key, value)| {
        let inner = numbers(value).into_iter();
        let inner = inner.map(|it| Number { path: format!("{key}.{}", it.path), ..it });
        let is_whole = value.is_u64();
        let own = value.is_number().then(|| Number { path: key.clone(), is_whole });
        own.into_iter().chain(inner).collect::<Vec<_>>()
    });
    below.collect()
}

pub(super) fn to_value<T: serde::Serialize>(record: &T) -> Value {
    // A record holds nothing that JSON cannot; if it did, every expectation would fail.
    serde_json::to_value(record).unwrap_or(Value::Null)
}

fn sample_arm() -> ArmRecord {
    let latency = Some(LatencyRecord { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 });
    let mut arm = Tally::default().to_record();
    arm.not_modified_ratio = Some(0.0);
    arm.not_modified_ratio_of_all = Some(0.0);
    arm.predicted_not_modified_ratio = Some(0.0);
    arm.predicted_interval = Some([0.0, 0.0]);
    arm.bytes.per_unchanged_poll = Some(0.0);
    arm.setup.caching.interrupt_at = Some(0.0);
    arm.setup.caching.on_error = Some(OnErrorRecord::Keep);
    arm.origin_cpu_s = Some(0.0);
    arm.origin_cpu_us_per_poll = Some(0.0);
    arm.bytes_saved_per_cpu_second = Some(0.0);
    (arm.latency_us, arm.latency_200_us, arm.latency_304_us) = (latency, latency, latency);
    arm.replicas = vec![ReplicaRecord::default()];
    arm.rounds.buckets = vec![RoundBucketRecord::default()];
    arm.codings = vec![CodingRecord {
        coding: String::new(),
        responses: 0,
        tagged: 0,
        not_modified: 0,
        needless_transfer: 0,
    }];
    arm.changes_seen = vec![ChangeSeenRecord { at_poll: 0, clients_polled: 0, clients_updated: 0 }];
    arm.control_plane = Some(ControlPlaneRecord {
        client_interval_ms: Some(0.0),
        source_requests: Some(0),
        source_requests_per_s: Some(0.0),
        source_requests_per_s_uncompressed: Some(0.0),
        source_cpu_s: Some(0.0),
        source_content_bytes: Some(0),
        freshness_us: Some(FreshnessRecord::default()),
        freshness_bound_us: Some(0),
        differences: Some(0),
        ..ControlPlaneRecord::default()
    });
    arm.shared_store = Some(SharedStoreRecord {
        store: Some(String::new()),
        protocol: Some(String::new()),
        invalidate: Some(String::new()),
        ttl_ms: Some(0.0),
        ttl_floor: Some(0),
        queries_per_1000_polls: Some(0.0),
        ..SharedStoreRecord::default()
    });
    arm.cache = Some(CacheRecord::default());
    arm.writes = Some(WritesRecord::default());
    arm.errors = vec![ErrorRecord { reason: String::new(), count: 0 }];
    arm
}

fn sample_comparison() -> ComparisonRecord {
    ComparisonRecord {
        before: String::new(),
        after: String::new(),
        bytes_saved: 0,
        net_bytes_saved: 0,
        bytes_saved_ratio: Some(0.0),
        not_modified_ratio_change: Some(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_null(value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Object(object) => object.values().all(no_null),
            Value::Array(list) => list.iter().all(no_null),
            _ => true,
        }
    }

    #[test]
    fn the_samples_hold_every_optional_number() {
        assert!(no_null(&to_value(&sample_arm())));
        assert!(no_null(&to_value(&sample_comparison())));
    }

    #[test]
    fn numbers_of_the_record_have_names_in_csv_files() {
        for (path, expected) in [
            ("not_modified_ratio", Some("not_modified_ratio")),
            ("verdicts.needless_transfer", Some("needless_transfer")),
            ("error", Some("error")),
            ("polls", Some("polls")),
            ("bytes.responses", Some("response_bytes")),
            ("latency_us.p99", Some("latency_p99_us")),
            ("tables.lost", Some("tables_lost")),
            ("shared_store.queries", Some("store_queries")),
            ("response_bytes", None),
            ("rounds.buckets.0.polls", None),
        ] {
            assert_eq!(column(path), expected, "{path}");
        }
    }

    #[test]
    fn paths_are_those_of_the_record_and_verdicts_are_short() {
        assert_eq!(in_arm("needless_transfer"), in_arm("verdicts.needless_transfer"));
        for path in [
            "latency_us.p99",
            "bytes.responses",
            "changes_seen.3.clients_updated",
            "rounds.buckets.9.polls",
        ] {
            assert_eq!(in_arm(path).as_deref(), Some(path));
        }
        for path in ["strategy", "verdicts", "", "latency_us.", "changes_seen.x.at_poll"] {
            assert_eq!(in_arm(path), None, "{path:?}");
        }
        assert!(in_comparison("bytes_saved_ratio").is_some());
        assert_eq!(in_arm("response_bytes").as_deref(), Some("response_bytes"));
    }
}
