//! The model against the run itself: in lock-step both records are equal in all that is no time.

use scenario::BUILT_IN;
use serde_json::{Value, json};

use crate::support::{Tested, ended, output_of, run_json, stderr};

mod beyond;
mod random;

/// Times, and what tells one process from another.
const TIMES: [&str; 15] = [
    "started",
    "elapsed_s",
    "latency_histograms",
    "window",
    "latency_us",
    "latency_200_us",
    "latency_304_us",
    "origin_cpu_s",
    "origin_cpu_us_per_poll",
    "bytes_saved_per_cpu_second",
    "longest_unconfirmed_us",
    "command",
    "source",
    "predicted_interval_95",
    "machine",
];

/// The record of a run or of a model.
pub(crate) fn record(command: &str, args: &[&str]) -> Value {
    let all = [&[command, "--no-save", "--format", "json"], args].concat();
    let output = output_of(&all);
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1 | 3)), "{code:?} of {all:?}: {}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{all:?}: {error}"))
}

/// Both records differ in nothing but times.
#[track_caller]
pub(crate) fn assert_equal(args: &[&str]) {
    let [run, model] = ["run", "model"].map(|command| comparable(record(command, args)));
    if run != model {
        let mut differences = Vec::new();
        differ("", &run, &model, &mut differences);
        panic!("{args:?}:\n{}", differences.join("\n"));
    }
}

/// The record without times, in which tags that a process draws stand in the order of their appearance.
fn comparable(mut record: Value) -> Value {
    assert!(record["arms"].as_array().is_some_and(|arms| !arms.is_empty()));
    without(&mut record, &TIMES);
    expectations_without_times(&mut record);
    let arms = record["arms"].as_array().cloned().unwrap_or_default();
    for (index, arm) in arms.iter().enumerate() {
        let names = if is_drawn(arm) { tags(arm) } else { Vec::new() };
        record["arms"][index] = renamed(&record["arms"][index], &names);
        for finding in record["findings"].as_array_mut().into_iter().flatten() {
            if finding["arm"] == arm["name"] {
                *finding = renamed(finding, &names);
            }
        }
        if has_drawn_length(arm) {
            without(&mut record["arms"][index], &["bytes", "rounds"]);
            without(&mut record, &["comparison"]);
        }
    }
    record
}

/// The same with the number of each of these tags in its place.
fn renamed(value: &Value, tags: &[String]) -> Value {
    let number = |text: String, (number, tag): (usize, &String)| {
        text.replace(&escaped(tag), &format!("tag {number}"))
    };
    let text = tags.iter().enumerate().fold(value.to_string(), number);
    serde_json::from_str(&text).expect("only text was replaced")
}

fn is_drawn(arm: &Value) -> bool {
    let strategy = strategies::catalogue::find(arm["strategy"].as_str().unwrap_or_default());
    strategy.is_some_and(|it| it.reads.process || it.reads.file || it.reads.shared_tag)
}

/// True if tags are as long as chance will have it: an inode, a hash in decimal, a number that a server
/// counts.
fn has_drawn_length(arm: &Value) -> bool {
    let name = arm["strategy"].as_str().unwrap_or_default();
    ["inode-size-mtime", "inode-hash", "seeded-hash", "iis-change-number"].contains(&name)
}

fn tags(arm: &Value) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for replica in arm["replicas"].as_array().into_iter().flatten() {
        for tag in replica["entity_tags"].as_array().into_iter().flatten() {
            let tag = tag.as_str().unwrap_or_default().to_owned();
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
    }
    tags
}

fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn expectations_without_times(record: &mut Value) {
    let expectations = record["expectations"].as_array_mut();
    let timed = |text: &str| text.contains("cpu") || text.contains("latency");
    if let Some(all) = expectations {
        all.retain(|it| !it["text"].as_str().is_some_and(timed));
    }
}

fn without(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !names.contains(&name.as_str()));
            fields.values_mut().for_each(|value| without(value, names));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| without(value, names)),
        _ => {}
    }
}

fn differ(path: &str, run: &Value, model: &Value, out: &mut Vec<String>) {
    match (run, model) {
        (Value::Object(a), Value::Object(b)) => {
            for name in a.keys().chain(b.keys().filter(|name| !a.contains_key(*name))) {
                let null = Value::Null;
                let [a, b] = [a, b].map(|side| side.get(name).unwrap_or(&null));
                differ(&format!("{path}.{name}"), a, b, out);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differ(&format!("{path}.{index}"), a, b, out);
            }
        }
        _ if run == model => {}
        _ => out.push(format!("{path}: run {run}, model {model}")),
    }
}

fn is_in_step(name: &str) -> bool {
    let described = run_json_of_model(name);
    let arms = described["arms"].as_array().cloned().unwrap_or_default();
    arms.iter().all(|arm| arm["cadence"] == "lockstep")
}

fn run_json_of_model(name: &str) -> Value {
    record("model", &[name])
}

/// Built-in scenarios that a model refuses, and the words for what it does not have.
const REFUSED: &[(&str, &str)] = &[
    ("control-plane-fanout", "polls a source in real time"),
    ("control-plane-sweep", "polls a source in real time"),
    ("freshness", "polls a source in real time"),
    ("proxy-dies", "polls a source in real time"),
    ("rollout", "polls a source in real time"),
    ("thundering-change", "polls a source in real time"),
    ("two-proxies", "polls a source in real time"),
    ("creation-race", "several requests create its first tag"),
    ("store-down", "the store of its tags is killed"),
    ("store-ttl", "`store-ttl`"),
    ("missed-invalidation", "`store-ttl`"),
    ("shared-cache", "a shared cache stands between"),
    ("shared-cache-not-revalidating", "a shared cache stands between"),
    ("lost-update", "its clients write"),
    ("lost-update-weak", "its clients write"),
    ("cached-writers", "its clients write"),
    ("service-worker", "its clients have a habit of their own"),
    ("head-differs", "its clients ask by HEAD"),
    ("cors-304", "its clients are scripts of pages"),
    ("client-heuristics", "its clients have a habit of their own"),
    ("client-mangles-tag", "its clients have a habit of their own"),
];

#[test]
fn every_built_in_scenario_is_refused_by_name_or_equal_to_its_run() {
    for built_in in BUILT_IN {
        let name = built_in.name;
        if let Some((_, words)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
            let output = ended(&["model", "--no-save", name], 2);
            assert!(stderr(&output).contains(words), "{name}: {}", stderr(&output));
        } else if is_in_step(name) {
            assert_equal(&[name]);
        } else {
            within_intervals(name);
        }
    }
}

/// Arms in lock-step are equal, and the rate of each other one is within its interval.
fn within_intervals(name: &str) {
    let [run, model] = ["run", "model"].map(|command| record(command, &[name]));
    let arms = |record: &Value| record["arms"].as_array().cloned().unwrap_or_default();
    for (run, model) in arms(&run).iter().zip(arms(&model)) {
        let case = format!("{name}, arm {}", run["name"]);
        if run["cadence"] == "lockstep" {
            assert_eq!(run["verdicts"], model["verdicts"], "{case}");
            assert_eq!(run["bytes"], model["bytes"], "{case}");
            continue;
        }
        let ratio = run["not_modified_ratio"].as_f64().expect("there are conditional polls");
        let ends = model["predicted_interval"].as_array().expect("chance decides");
        let [low, high] = [0, 1].map(|end| ends[end].as_f64().expect("a number"));
        assert!((low..=high).contains(&ratio), "{case}: {ratio} not in {low}..={high}");
    }
}

#[test]
fn a_model_says_what_it_is_and_has_no_times() -> Tested {
    let record = run_json(&["model", "--no-save"]);
    assert_eq!(record["source"], "model");
    for arm in record["arms"].as_array().ok_or("arms")? {
        for time in ["elapsed_s", "latency_us", "latency_200_us", "latency_304_us", "origin_cpu_s"]
        {
            assert_eq!(arm[time], json!(null), "{time}");
        }
    }
    let run = run_json(&["run", "--no-save"]);
    assert_eq!(run["source"], json!(null));
    Ok(())
}

#[test]
fn a_program_of_the_users_is_refused_by_name() {
    let output = ended(&["model", "--no-save", "--replica-command", "./server"], 2);
    assert!(stderr(&output).contains("a program of yours"), "{}", stderr(&output));
}
