//! `run --local-shards`: processes on one machine that make the polls of one run together.

use serde_json::Value;

use super::complaint;
use crate::support::process::{PATIENCE, Process, Running, assert_gone_within_a_second};
use crate::support::{ended, etag_lab, eventually, json_of, output_of, stderr};

/// Runs in which each client meets one replica, so that the order of the clients is no matter, and in
/// an open loop nothing happens between the polls of one round.
const RUNS: [&[&str]; 3] = [
    &[
        "all-200s",
        "--policy",
        "sticky",
        "--cadence",
        "shuffled",
        "--clients",
        "13",
        "--polls",
        "30",
    ],
    &[
        "all-200s",
        "--policy",
        "sticky",
        "--cadence",
        "open-loop",
        "--no-changes",
        "--interval",
        "60ms",
        "--clients",
        "9",
        "--polls",
        "20",
    ],
    &[
        "rolling-restart",
        "--before",
        "per-process-counter",
        "--policy",
        "sticky",
        "--cadence",
        "shuffled",
    ],
];

/// Names of everything that is a time, in the record and in its arms.
const TIMES: [&str; 11] = [
    "started",
    "command",
    "latency_us",
    "latency_200_us",
    "latency_304_us",
    "latency_histograms",
    "elapsed_s",
    "window",
    "origin_cpu_s",
    "origin_cpu_us_per_poll",
    "bytes_saved_per_cpu_second",
];

fn without_times(mut record: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| !TIMES.contains(&name.as_str()));
                fields.values_mut().for_each(strip);
            }
            Value::Array(values) => values.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut record);
    for arm in record["arms"].as_array_mut().expect("arms") {
        // How long a client had no answer is a time as well.
        arm["tables"]["longest_unconfirmed_us"] = Value::Null;
    }
    record
}

fn record(args: &[&str]) -> Value {
    let output = output_of(&[&["run", "--no-save", "--format", "json"], args].concat());
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", stderr(&output));
    without_times(json_of(&output))
}

#[test]
fn a_run_by_several_processes_is_that_of_one_but_for_times() {
    for args in RUNS {
        let whole = record(args);
        assert!(whole["arms"][0]["polls"].as_u64() > Some(100), "{whole:#}");
        for total in ["1", "2", "5"] {
            let divided = record(&[args, &["--local-shards", total]].concat());
            for (name, value) in whole.as_object().expect("fields") {
                assert_eq!(&divided[name], value, "{name}: {args:?} by {total}");
            }
        }
    }
}

#[test]
fn polls_that_cannot_be_divided_are_refused_and_nothing_is_started() {
    for (args, what) in [
        (&["all-200s"][..], "arm `before`: lock-step cannot be divided"),
        (
            &["--cadence", "shuffled", "--replica-command", "true"],
            "the contents of a program of your own are followed by one process alone",
        ),
    ] {
        let output = output_of(&[&["run", "--no-save", "--local-shards", "2"], args].concat());
        let said = complaint(&output, 2);
        assert!(said.contains(what), "{what}: {said}");
    }
    let output = ended(&["run", "--local-shards", "0"], 2);
    assert!(stderr(&output).contains("1 to 256"), "{}", stderr(&output));
}

/// A run that goes on for minutes, by three processes, when all of them poll.
fn long_run() -> (Running, Vec<Process>) {
    let load = ["--cadence", "open-loop", "--interval", "1s", "--polls", "1000"];
    let mut command = etag_lab();
    command.args(["run", "all-200s", "--local-shards", "3", "--format", "json"]);
    let lab = Running::start(command.args(load).arg("--no-save"));
    let parts = eventually("three processes that poll", PATIENCE, || {
        let is_part = |child: &Process| child.arguments().contains(&"--local-shard".to_owned());
        let parts: Vec<_> = lab.children().into_iter().filter(is_part).collect();
        let replicas = lab.children().len() - parts.len();
        (parts.len() == 3 && replicas == 3).then_some(parts)
    });
    eventually("progress", PATIENCE, || lab.stderr().contains("polls, 304 rate").then_some(()));
    (lab, parts)
}

#[test]
fn an_interrupted_run_saves_the_counts_of_all_processes_and_leaves_none_of_them() {
    let (mut lab, parts) = long_run();
    lab.signal(rustix::process::Signal::INT);
    assert_eq!(lab.wait().code(), Some(130), "{}", lab.stderr());
    assert_gone_within_a_second(&parts);
    let record: Value = serde_json::from_str(&lab.stdout()).expect("the record is JSON");
    assert_eq!(record["partial"], true);
    assert!(record["arms"][0]["polls"].as_u64() >= Some(10), "{record:#}");
    assert_eq!(record["arms"][0]["verdicts"]["error"], 0, "{record:#}");
}

#[test]
fn a_process_that_dies_is_named_and_the_others_are_ended_with_the_run() {
    let (mut lab, parts) = long_run();
    parts[1].kill();
    // The others would poll on for minutes.
    lab.signal(rustix::process::Signal::INT);
    assert_eq!(lab.wait().code(), Some(3), "{}", lab.stderr());
    let said = lab.stderr();
    assert!(said.contains(" of 3 ended unexpectedly (signal: 9"), "{said}");
    assert_gone_within_a_second(&parts);
    let record: Value = serde_json::from_str(&lab.stdout()).expect("the record is JSON");
    assert_eq!(record["partial"], true);
}

#[test]
fn processes_end_with_a_run_that_is_killed() {
    let (mut lab, parts) = long_run();
    lab.signal(rustix::process::Signal::KILL);
    lab.wait();
    assert_gone_within_a_second(&parts);
}
