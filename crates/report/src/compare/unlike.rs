//! What keeps two runs from being compared, key by key.
//!
//! Keys are found in the serialised scenario, so a field added to the record later counts at
//! once: forgetting to list it can only make the comparison stricter.

use std::fmt;

use measure::record::{ArmRecord, RunRecord, ScenarioRecord, SharedStoreRecord};
use serde_json::{Value, json};

use super::Pair;
use text::shorten;
use text::visible;

/// Keys of the scenario that tell what is under test or how it is called, not how it is measured.
const SUBJECT: [&str; 4] = ["name", "summary", "seed", "replica_command"];

/// Longest value shown; the files have the rest.
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
    /// Not neutralised: whoever prints it knows the medium.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, a, b } = self;
        write!(f, "{key}: {} against {}", shorten(a, VALUE_COLUMNS), shorten(b, VALUE_COLUMNS))
    }
}

impl fmt::Display for Unlike {
    /// One line for each difference, fit for a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the runs were configured differently")?;
        self.differences
            .iter()
            .try_for_each(|difference| write!(f, "\n  {}", visible(&difference.to_string())))
    }
}

/// Differences that forbid a comparison.
pub(super) fn configuration(a: &RunRecord, b: &RunRecord, pairs: &[Pair<'_>]) -> Vec<Difference> {
    let mut differences = scenario(a, b, |key| !SUBJECT.contains(&key));
    differences.extend(difference("partial", a.partial, b.partial));
    if a.arms.len() != pairs.len() || b.arms.len() != pairs.len() {
        differences.extend(difference("arms", arm_names(a), arm_names(b)));
    }
    for pair in pairs {
        let of_arm = arm_differences(pair).into_iter().flatten();
        // What the whole scenario has already been told of is not told again for each arm.
        let told = |key: &str| differences.iter().any(|difference| difference.key == key);
        let news: Vec<_> = of_arm.filter(|(key, _)| !told(key)).map(|(_, news)| news).collect();
        differences.extend(news);
    }
    differences
}

/// What the scenario sets for all arms and an arm may set for itself, by the scenario's key.
fn arm_differences(pair: &Pair<'_>) -> [Option<(&'static str, Difference)>; 12] {
    let (a, b) = (pair.a, pair.b);
    let differ = |key: &'static str, a: Value, b: Value| {
        difference(format!("arm {}: {key}", pair.a.name), a, b).map(|found| (key, found))
    };
    [
        differ("replicas", a.fleet_size.into(), b.fleet_size.into()),
        differ("policy", a.policy.as_str().into(), b.policy.as_str().into()),
        differ("edge", a.edge.as_str().into(), b.edge.as_str().into()),
        differ(
            "accept_encoding",
            a.accept_encoding.clone().into(),
            b.accept_encoding.clone().into(),
        ),
        differ("clients", a.clients.into(), b.clients.into()),
        differ("cadence", a.cadence.as_str().into(), b.cadence.as_str().into()),
        differ("connections", a.connections.into(), b.connections.into()),
        differ("caching", caching(a), caching(b)),
        differ("control_plane", control_plane(a), control_plane(b)),
        differ(
            "store_protocol",
            of_store(a, |s| s.protocol.clone()),
            of_store(b, |s| s.protocol.clone()),
        ),
        differ("store_ttl_ms", of_store(a, |s| s.ttl_ms), of_store(b, |s| s.ttl_ms)),
        differ(
            "invalidate",
            of_store(a, |s| s.invalidate.clone()),
            of_store(b, |s| s.invalidate.clone()),
        ),
    ]
}

/// How an arm was set up to share its tags. Which product keeps them is what two runs may compare.
fn of_store<T: Into<Value>>(arm: &ArmRecord, key: fn(&SharedStoreRecord) -> Option<T>) -> Value {
    arm.shared_store.as_ref().and_then(key).map_or(Value::Null, Into::into)
}

fn caching(arm: &ArmRecord) -> Value {
    serde_json::to_value(&arm.caching).unwrap_or(Value::Null)
}

/// How it was measured; proxies, mode and source are what is compared.
fn control_plane(arm: &ArmRecord) -> Value {
    arm.control_plane.as_ref().map_or(Value::Null, |plane| {
        json!({
            "routes": plane.routes,
            "granularity": plane.granularity,
            "time_factor": plane.time_factor,
            "source_interval_ms": plane.source_interval_ms,
            "client_interval_ms": plane.client_interval_ms,
        })
    })
}

/// Differences worth knowing beside the numbers.
pub(super) fn circumstances(a: &RunRecord, b: &RunRecord, pairs: &[Pair<'_>]) -> Vec<Difference> {
    let mut differences = scenario(a, b, |key| SUBJECT.contains(&key) && key != "summary");
    differences.extend(difference("version", &*a.tool.version, &*b.tool.version));
    differences.extend(difference("cpus", a.machine.cpus, b.machine.cpus));
    differences.extend(difference("os", &*a.machine.os, &*b.machine.os));
    for pair in pairs {
        let key = |field| format!("arm {}: {field}", pair.a.name);
        differences.extend(difference(key("name"), &*pair.a.name, &*pair.b.name));
        differences.extend(difference(key("strategy"), &*pair.a.strategy, &*pair.b.strategy));
        let store = |arm| of_store(arm, |shared| shared.store.clone());
        differences.extend(difference(key("store"), store(pair.a), store(pair.b)));
    }
    differences
}

fn scenario(a: &RunRecord, b: &RunRecord, wanted: fn(&str) -> bool) -> Vec<Difference> {
    let (a, b) = (fields(&a.scenario), fields(&b.scenario));
    let keys = a.keys().filter(|key| wanted(key));
    keys.filter_map(|key| difference(key, a[key].clone(), b[key].clone())).collect()
}

fn fields(scenario: &ScenarioRecord) -> serde_json::Map<String, Value> {
    match serde_json::to_value(scenario) {
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
