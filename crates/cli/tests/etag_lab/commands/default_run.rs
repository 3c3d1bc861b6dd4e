//! `etag-lab run` without arguments, and what makes it reproducible.

use serde_json::Value;

use super::{steady, steady_stderr};
use crate::support::{ended, results, run_json, stdout};

#[test]
fn the_first_thing_that_everybody_runs_prints_the_table_and_where_it_was_saved() {
    results();
    let output = ended(&["run"], 0);
    insta::assert_snapshot!("default_run", steady(stdout(&output)));
    insta::with_settings!({filters => [(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ", "YYYY-MM-DDTHH-MM-SSZ")]}, {
        insta::assert_snapshot!("default_run_stderr", steady_stderr(&output));
    });
}

#[test]
fn before_is_zero_and_after_is_98_percent_as_predicted() {
    let record = run_json(&["run"]);
    for (arm, not_modified, needless) in [(0, 0, 480), (1, 480, 0)] {
        let arm = &record["arms"][arm];
        assert_eq!(arm["polls"], 500);
        assert_eq!(arm["conditional"], 490);
        assert_eq!(arm["not_modified"], not_modified);
        assert_eq!(arm["not_modified_ratio"], f64::from(not_modified) / 490.0);
        assert_eq!(arm["predicted_not_modified_ratio"], arm["not_modified_ratio"]);
        assert_eq!(arm["verdicts"]["needless_transfer"], needless);
        assert_eq!(arm["verdicts"]["changed"], 10);
        assert_eq!(arm["verdicts"]["false_validation"], 0);
    }
}

#[test]
fn equal_seeds_give_equal_verdicts_bytes_and_predictions_in_lock_step() {
    let [one, other] = [(); 2].map(|()| without_times(run_json(&["run", "--seed", "7"])));
    assert_eq!(one, other);
}

/// The record without what no seed decides: times, and the value of a tag that is local to a process.
fn without_times(mut record: Value) -> Value {
    record["started"].take();
    for arm in record["arms"].as_array_mut().expect("arms are a list") {
        for time in ["latency_us", "latency_200_us", "latency_304_us", "elapsed_s"] {
            arm[time].take();
        }
        for time in ["latency_histograms", "window"] {
            arm[time].take();
        }
        for cost in ["origin_cpu_s", "origin_cpu_us_per_poll", "bytes_saved_per_cpu_second"] {
            arm[cost].take();
        }
    }
    record
}

#[test]
fn the_rounds_of_a_run_add_up_to_the_run() {
    for (flags, rounds) in [
        (&[][..], 50),
        (&["--cadence=shuffled"], 50),
        (&["--cadence=open-loop", "--interval=2ms", "--polls=12"], 12),
    ] {
        let record = run_json(&[&["run", "--no-save"], flags].concat());
        for arm in record["arms"].as_array().expect("arms are a list") {
            let buckets = arm["rounds"]["buckets"].as_array().expect("buckets are a list");
            assert_eq!((&arm["rounds"]["width"], buckets.len()), (&1.into(), rounds), "{flags:?}");
            assert!(buckets.iter().all(|bucket| bucket["polls"] == 10), "{flags:?}: {buckets:#?}");
            assert_eq!(buckets[0]["verdicts"]["first_fetch"], 10);
            let sum = |of: &str| -> u64 {
                buckets.iter().filter_map(|bucket| bucket.pointer(of)?.as_u64()).sum()
            };
            let verdicts = arm["verdicts"].as_object().expect("verdicts are an object");
            for (name, total) in verdicts {
                assert_eq!(sum(&format!("/verdicts/{name}")), *total, "{name}, {flags:?}");
            }
            assert_eq!(sum("/not_modified"), arm["not_modified"]);
            for (each, whole) in [
                ("/request_bytes", "requests"),
                ("/response_bytes", "responses"),
                ("/ideal_response_bytes", "ideal_responses"),
            ] {
                assert_eq!(sum(each), arm["bytes"][whole], "{whole}, {flags:?}");
            }
        }
    }
}

#[test]
fn a_change_shows_in_its_round() {
    let record = run_json(&["run", "--no-save"]);
    let changed = record["arms"][0]["rounds"]["buckets"].as_array().expect("a list");
    let changed: Vec<_> =
        changed.iter().map(|bucket| bucket["verdicts"]["changed"] == 10).collect();
    assert_eq!(changed.iter().position(|changed| *changed), Some(25), "before the 26th poll");
}
