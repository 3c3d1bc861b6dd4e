//! Expectations held against records.

use etag_lab_scenario::expectation::Expectation;
use etag_lab_scenario::{Flags, Scenario};
use measure::Tally;
use measure::record::{
    ArmRecord, ExpectationRecord, LatencyRecord, MachineRecord, RunRecord, SCHEMA, ToolRecord,
};

const ARMS: [&str; 2] = ["before", "after"];

fn arm(name: &str, not_modified_ratio: Option<f64>) -> ArmRecord {
    let mut arm = ArmRecord { name: name.to_owned(), ..Tally::default().to_record() };
    arm.not_modified_ratio = not_modified_ratio;
    arm.polls = 500;
    arm.verdicts.needless_transfer = 480;
    arm.latency_us = Some(LatencyRecord { p50: 90, p90: 120, p99: 200, p999: 300, max: 400 });
    arm
}

fn record(fail_if: &[&str]) -> (Scenario, RunRecord) {
    let flags = fail_if.iter().fold(Flags::default(), |flags, text| flags.with("fail-if", text));
    let scenario = Scenario::load(None, &flags).expect("sound");
    let arms = vec![arm("before", Some(0.1 + 0.2)), arm("after", None)];
    let record = RunRecord {
        shard: None,
        repeats: None,
        source: String::new(),
        schema: SCHEMA.to_owned(),
        tool: ToolRecord { version: String::new() },
        command: String::new(),
        started: String::new(),
        scenario: scenario.to_record(),
        machine: MachineRecord { cpus: 1, os: String::new() },
        partial: false,
        comparison: measure::compare(&arms),
        arms,
        findings: Vec::new(),
        expectations: Vec::new(),
    };
    (scenario, record)
}

fn check(text: &str, passed: bool, observed: &str) {
    let (_, record) = record(&[]);
    let expectation = Expectation::parse(text, Some("before"), &ARMS).expect(text);
    let found = expectation.evaluate(&record);
    let expected = ExpectationRecord {
        text: format!("before: {text}"),
        passed,
        observed: observed.to_owned(),
        concerns_errors: text.contains("error"),
    };
    assert_eq!(found, expected);
}

#[test]
fn numbers_are_compared_and_shown() {
    check("polls == 500", true, "before.polls = 500");
    check("polls != 500", false, "before.polls = 500");
    check("needless_transfer > 480", false, "before.verdicts.needless_transfer = 480");
    check("latency_us.p99 <= 200", true, "before.latency_us.p99 = 200");
    check(
        "polls > 1 and needless_transfer >= 1_000",
        false,
        "before.polls = 500, before.verdicts.needless_transfer = 480",
    );
    check("polls == after.polls", true, "before.polls = 500, after.polls = 500");
    check("comparison.bytes_saved == 0", true, "comparison.bytes_saved = 0");
}

#[test]
fn ratios_are_equal_within_rounding() {
    check("not_modified_ratio == 30 %", true, "before.not_modified_ratio = 0.3");
    check("not_modified_ratio > 30%", false, "before.not_modified_ratio = 0.3");
    check("not_modified_ratio <= 0.3", true, "before.not_modified_ratio = 0.3");
    check("not_modified_ratio == 0.300001", false, "before.not_modified_ratio = 0.3");
}

#[test]
fn no_data_never_passes() {
    let missing = "after.not_modified_ratio has no value in this run";
    check("after.not_modified_ratio == 0", false, missing);
    check("after.not_modified_ratio != 0", false, missing);
    check(
        "changes_seen.0.clients_updated == 0",
        false,
        "before.changes_seen.0.clients_updated has no value in this run",
    );
    check(
        "comparison.bytes_saved_ratio < 1",
        false,
        "comparison.bytes_saved_ratio has no value in this run",
    );
}

#[test]
fn an_arm_that_did_not_run_fails_its_expectations() {
    let (_, mut record) = record(&[]);
    record.arms.pop();
    record.comparison = None;
    for (text, observed) in [
        ("after.polls == 500", "the arm after did not run"),
        ("comparison.bytes_saved == 0", "there is no comparison with fewer than two arms"),
    ] {
        let found = Expectation::parse(text, None, &ARMS).expect(text).evaluate(&record);
        assert_eq!((found.passed, found.observed.as_str()), (false, observed));
    }
}

#[test]
fn fail_if_passes_where_its_condition_does_not_hold() {
    let conditions =
        ["before.polls > 1_000", "before.polls == 500", "after.not_modified_ratio > 0"];
    let (scenario, record) = record(&conditions);
    let given = scenario.expectations.len() - conditions.len();
    let found: Vec<_> =
        scenario.expectations[given..].iter().map(|e| e.evaluate(&record)).collect();
    assert_eq!(found.iter().map(|f| f.passed).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(found[0].text, "fail if before.polls > 1_000");
}
