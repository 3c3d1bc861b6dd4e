//! `etag-lab run` without arguments, and what makes it reproducible.

use serde_json::Value;

use crate::support::{output_of, run_json};
use crate::{assert_code, stderr, stdout, steady};

#[test]
fn the_first_thing_that_everybody_runs_prints_the_table_and_where_it_was_saved() {
    let output = output_of(&["run"]);
    assert_code(&output, 0);
    insta::assert_snapshot!("default_run", steady(stdout(&output)));
    insta::with_settings!({filters => [(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ", "YYYY-MM-DDTHH-MM-SSZ")]}, {
        insta::assert_snapshot!("default_run_stderr", stderr(&output));
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

/// What no seed decides: times, and the value of a tag that is local to a process.
fn without_times(mut record: Value) -> Value {
    record["started"].take();
    for arm in record["arms"].as_array_mut().expect("arms are a list") {
        for time in ["latency_us", "latency_200_us", "latency_304_us", "elapsed_s"] {
            arm[time].take();
        }
        for cost in ["origin_cpu_s", "origin_cpu_us_per_poll", "bytes_saved_per_cpu_second"] {
            arm[cost].take();
        }
    }
    record
}
