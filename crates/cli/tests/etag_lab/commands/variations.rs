//! Flags over the default scenario: the traps that hide the bug, and `--fail-if`.

use super::{steady, steady_stderr};
use crate::support::{ended, home, json_of, output_of, run_json, stdout};

#[test]
fn a_multiple_of_the_replicas_looks_healthy_and_earns_a_warning() {
    let output = ended(&["run", "--clients", "12", "--no-save"], 0);
    let table = steady(stdout(&output));
    assert!(table.contains("304 rate (conditional)  98.0 %  576/588  98.0 %  576/588"), "{table}");
    assert!(table.contains("ETL014"), "the table alone warns too: {table}");
    insta::assert_snapshot!("aliasing_warning", steady_stderr(&output));
}

#[test]
fn a_random_choice_lands_inside_the_printed_interval_for_twenty_seeds() {
    let ratios = (1..=20).map(|seed| {
        let seed = seed.to_string();
        let args = ["run", "--policy=random", "--polls=10", "--no-changes", "--no-save", "--seed"];
        let record = run_json(&[&args[..], &[&seed]].concat());
        let before = &record["arms"][0];
        let ratio = before["not_modified_ratio"].as_f64().expect("polls were conditional");
        let end = |index: usize| before["predicted_interval"][index].as_f64().expect("a number");
        assert!((end(0)..=end(1)).contains(&ratio), "seed {seed}: {ratio} in {before:#}");
        ratio
    });
    let mean = ratios.sum::<f64>() / 20.0;
    assert!((0.30..0.37).contains(&mean), "about 1 in 3 replicas knows the tag, not {mean}");
}

#[test]
fn the_interval_is_printed_beside_what_was_observed() {
    let output = output_of(&["run", "--policy", "random", "--polls", "10", "--no-save"]);
    let interval = stdout(&output).lines().find(|line| line.contains("predicted"));
    assert!(interval.is_some_and(|line| line.contains('–')), "{}", stdout(&output));
}

#[test]
fn one_replica_shows_no_bug() {
    let record = run_json(&["run", "--replicas", "1", "--no-save"]);
    for arm in record["arms"].as_array().expect("arms are a list") {
        assert_eq!(arm["not_modified"], 480);
        assert_eq!(arm["tags_for_same_content"], 1);
    }
    let findings = record["findings"].as_array().expect("findings are a list");
    assert!(findings.iter().all(|found| found["code"] == ""), "{findings:#?}");
}

#[test]
fn a_condition_of_fail_if_that_holds_fails_the_run() {
    let fail_if = "before.needless_transfer > 0";
    let output = ended(&["run", "--polls", "4", "--no-save", "--fail-if", fail_if], 1);
    let text = steady(stdout(&output));
    assert!(text.contains(fail_if), "{text}");
    let observed = text.lines().find(|line| line.contains("observed")).expect("what was observed");
    assert!(observed.ends_with("= 20"), "{observed}");
}

#[test]
fn a_condition_of_fail_if_that_does_not_hold_passes() {
    let fail_if = "after.false_validation > 0";
    ended(&["run", "--polls", "4", "--no-save", "--fail-if", fail_if], 0);
}

#[test]
fn an_expectation_that_fails_fails_the_run_and_says_what_was_observed() {
    let scenario = "[load]\nclients = 2\npolls = 3\n\
        [[arm]]\nname = \"only\"\nstrategy = \"content-hash\"\n\
        [[expect]]\nthat = \"only.not_modified == 5\"\n";
    std::fs::write(home().join("wrong.toml"), scenario).expect("written");
    let output = ended(&["run", "wrong.toml", "--no-save"], 1);
    insta::assert_snapshot!("failed_expectation", steady(stdout(&output)));
    let output = ended(&["run", "wrong.toml", "--no-save", "--format", "json"], 1);
    assert_eq!(json_of(&output)["expectations"][0]["passed"], false);
}
