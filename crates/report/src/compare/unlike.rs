//! Differences that keep two runs from being compared, key by key.
//!
//! Keys are found in the serialised scenario, so a field added to the record later counts at
//! once: forgetting to list it can only make the comparison stricter.

use std::fmt;

use measure::record::{ArmRecord, RunRecord};
use serde_json::{Map, Value};

use super::Pair;
use text::{shorten, visible};

/// Keys of the scenario that tell what is under test or how it is called, not how it is measured.
const SUBJECT: [&str; 7] =
    ["name", "seed", "replica_command", "summary", "headline", "lesson", "changed"];

/// Of these, the ones that are worth a note.
const NOTED: [&str; 3] = ["name", "seed", "replica_command"];

/// Keys that describe a control plane; proxies, mode and source are what two runs may compare.
const OF_PLANE: [&str; 5] =
    ["routes", "granularity", "time_factor", "source_interval_ms", "client_interval_ms"];

const OF_STORE: [&str; 3] = ["protocol", "ttl_ms", "invalidate"];

// The files have the rest.
const VALUE_COLUMNS: usize = 60;

/// One key that is not the same in both runs.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// As in the record: `clients`, `arm before: policy`.
    pub key: String,
    /// In the first run, as JSON.
    pub a: String,
    /// In the second run, as JSON.
    pub b: String,
}

/// The runs were configured differently, so a change between them would mean nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Unlike {
    /// Every key that differs; empty only when neither run has an arm.
    pub differences: Vec<Difference>,
}

impl fmt::Display for Difference {
    // Not neutralised: whoever prints it knows the medium.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, a, b } = self;
        write!(f, "{key}: {} against {}", shorten(a, VALUE_COLUMNS), shorten(b, VALUE_COLUMNS))
    }
}

impl fmt::Display for Unlike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the runs were configured differently")?;
        self.differences
            .iter()
            .try_for_each(|difference| write!(f, "\n  {}", visible(&difference.to_string())))
    }
}

pub(super) fn configuration(a: &RunRecord, b: &RunRecord, pairs: &[Pair<'_>]) -> Vec<Difference> {
    let mut differences = scenario(a, b, |key| !SUBJECT.contains(&key));
    differences.extend(difference("partial", a.partial, b.partial));
    if a.arms.len() != pairs.len() || b.arms.len() != pairs.len() {
        differences.extend(difference("arms", arm_names(a), arm_names(b)));
    }
    for pair in pairs {
        let of_arm = arm_differences(pair).into_iter();
        // What the whole scenario has already been told of is not told again for each arm.
        let told = |key: &str| differences.iter().any(|difference| difference.key == key);
        let news: Vec<_> = of_arm.filter(|(key, _)| !told(key)).map(|(_, news)| news).collect();
        differences.extend(news);
    }
    differences
}

/// What an arm was set up with, by the scenario's key: everything that the record of its setup
/// holds, and of what was measured beside it the keys that were not measured.
fn arm_differences(pair: &Pair<'_>) -> Vec<(String, Difference)> {
    let (a, b) = (described(pair.a), described(pair.b));
    let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
    let value =
        |fields: &Map<String, Value>, key: &String| fields.get(key).cloned().unwrap_or(Value::Null);
    let found = keys.filter_map(|key| {
        let name = format!("arm {}: {key}", pair.a.name);
        Some((key.clone(), difference(name, value(&a, key), value(&b, key))?))
    });
    found.collect()
}

fn described(arm: &ArmRecord) -> Map<String, Value> {
    let mut fields = fields(&arm.setup);
    fields.insert("replicas".to_owned(), arm.fleet_size.into());
    let plane = arm.control_plane.as_ref().map(|plane| fields_of(plane, &OF_PLANE));
    fields.insert("control_plane".to_owned(), plane.map_or(Value::Null, Value::Object));
    let store = arm.shared_store.as_ref().map(|store| fields_of(store, &OF_STORE));
    fields.extend(store.into_iter().flatten().map(|(key, value)| match key.as_str() {
        "invalidate" => (key, value),
        _ => (format!("store_{key}"), value),
    }));
    fields
}

fn fields_of(record: &impl serde::Serialize, keys: &[&str]) -> Map<String, Value> {
    let own = fields(record).into_iter();
    own.filter(|(key, value)| keys.contains(&key.as_str()) && !value.is_null()).collect()
}

// Which product keeps the tags is what two runs may compare.
fn store(arm: &ArmRecord) -> Value {
    let store = arm.shared_store.as_ref().and_then(|shared| shared.store.clone());
    store.map_or(Value::Null, Into::into)
}

/// Time that an open loop took beyond its schedule, where that was far: its rates and latencies are
/// those of what could not keep up.
fn overload(arm: &ArmRecord, milliseconds: Option<f64>) -> Value {
    const FAR: f64 = 1.1;
    let is_open = arm.setup.cadence == "open-loop";
    let interval = milliseconds.filter(|_| is_open).unwrap_or_default() / 1e3;
    let rounds = arm.polls.div_ceil(u64::from(arm.setup.clients.max(1)));
    let planned = rounds as f64 * interval;
    // A poll may be late by its jitter, and the last one by its latency.
    let elapsed = arm.elapsed_s.filter(|elapsed| *elapsed > FAR * (planned + interval));
    let Some(elapsed) = elapsed.filter(|_| planned > 0.0) else { return Value::Null };
    format!("{elapsed:.1} s for {planned:.1} s of polls").into()
}

pub(super) fn circumstances(a: &RunRecord, b: &RunRecord, pairs: &[Pair<'_>]) -> Vec<Difference> {
    let mut differences = scenario(a, b, |key| NOTED.contains(&key));
    differences.extend(difference("version", &*a.tool.version, &*b.tool.version));
    differences.extend(difference("cpus", a.machine.cpus, b.machine.cpus));
    differences.extend(difference("os", &*a.machine.os, &*b.machine.os));
    for pair in pairs {
        let key = |field| format!("arm {}: {field}", pair.a.name);
        differences.extend(difference(key("name"), &*pair.a.name, &*pair.b.name));
        differences.extend(difference(key("strategy"), &*pair.a.strategy, &*pair.b.strategy));
        differences.extend(difference(key("store"), store(pair.a), store(pair.b)));
        let overload = |run: &RunRecord, arm| overload(arm, run.scenario.interval_ms);
        let (a, b) = (overload(a, pair.a), overload(b, pair.b));
        // Also where both were overloaded alike.
        if [&a, &b].into_iter().any(|it| !it.is_null()) {
            let (key, a, b) = (key("overloaded"), a.to_string(), b.to_string());
            differences.push(Difference { key, a, b });
        }
    }
    differences
}

fn scenario(a: &RunRecord, b: &RunRecord, wanted: fn(&str) -> bool) -> Vec<Difference> {
    let (a, b) = (fields(&a.scenario), fields(&b.scenario));
    let keys = a.keys().filter(|key| wanted(key));
    keys.filter_map(|key| {
        difference(key, a[key].clone(), b.get(key).cloned().unwrap_or(Value::Null))
    })
    .collect()
}

fn fields(record: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(record) {
        Ok(Value::Object(fields)) => fields,
        _ => unreachable!("a struct with string keys serialises as an object"),
    }
}

fn arm_names(record: &RunRecord) -> Value {
    record.arms.iter().map(|arm| arm.name.as_str()).collect()
}

fn difference(
    key: impl Into<String>,
    a: impl Into<Value>,
    b: impl Into<Value>,
) -> Option<Difference> {
    let (a, b) = (a.into(), b.into());
    (a != b).then(|| Difference { key: key.into(), a: a.to_string(), b: b.to_string() })
}
