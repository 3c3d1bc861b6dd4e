//! Two runs side by side: what may be compared, and how the formats show it.

use etag_lab_report::catalogue::find;
use etag_lab_report::{Results, Style, compare};
use measure::record::RunRecord;

use crate::scenes;

/// A later run of the same scenario on another machine, with a better `before`.
fn later() -> RunRecord {
    let mut record = scenes::two_arms();
    record.tool.version = "0.2.0".into();
    record.machine.cpus = 8;
    record.started = "2026-02-03T04:05:06Z".into();
    let arm = &mut record.arms[0];
    arm.strategy = "mtime-size".into();
    arm.counts.not_modified = 163;
    arm.not_modified_ratio = Some(163.0 / 490.0);
    arm.verdicts.needless_transfer = 317;
    arm.verdicts.validated = 163;
    arm.bytes.responses = 2_850_000;
    arm.bytes.per_unchanged_poll = Some(5_600.0);
    record
}

fn rendered(format: &str, a: &RunRecord, b: &RunRecord, force: bool) -> String {
    let comparison = compare(a, b, force).expect("comparable");
    let entry = find(format).expect("in the catalogue");
    (entry.render)(Results::Comparison(&comparison), Style::default()).expect("renders")
}

fn refused(change: fn(&mut RunRecord)) -> Vec<(String, String, String)> {
    let (a, mut b) = (scenes::two_arms(), scenes::two_arms());
    change(&mut b);
    let unlike = compare(&a, &b, false).expect_err("unlike");
    unlike.differences.into_iter().map(|d| (d.key, d.a, d.b)).collect()
}

fn check(change: fn(&mut RunRecord), key: &str, a: &str, b: &str) {
    assert_eq!(refused(change), [(key.to_owned(), a.to_owned(), b.to_owned())]);
}

#[test]
fn runs_of_another_configuration_are_refused_by_key_and_value() {
    check(|run| run.scenario.polls = 400, "polls", "500", "400");
    check(|run| run.scenario.setup.clients = 12, "clients", "10", "12");
    check(|run| run.scenario.replicas = 5, "replicas", "3", "5");
    check(
        |run| run.scenario.setup.policy = "random".into(),
        "policy",
        "\"round-robin\"",
        "\"random\"",
    );
    check(
        |run| run.scenario.setup.cadence = "shuffled".into(),
        "cadence",
        "\"lockstep\"",
        "\"shuffled\"",
    );
    check(|run| run.scenario.resource_bytes = None, "resource_bytes", "8192", "null");
    check(
        |run| run.scenario.changes.clear(),
        "changes",
        "[{\"at_poll\":26,\"kind\":\"edit\",\"lag\":0}]",
        "[]",
    );
    check(|run| run.partial = true, "partial", "false", "true");
    check(
        |run| run.arms[1].setup.policy = "sticky".into(),
        "arm after: policy",
        "\"round-robin\"",
        "\"sticky\"",
    );
    check(|run| run.arms.truncate(1), "arms", "[\"before\",\"after\"]", "[\"before\"]");
}

#[test]
fn a_refusal_names_every_key_and_is_fit_for_a_terminal() {
    let (a, mut b) = (scenes::two_arms(), scenes::two_arms());
    b.scenario.setup.clients = 12;
    b.scenario.setup.policy = "\u{1b}[2J\u{202e}".into();
    let message = compare(&a, &b, false).expect_err("unlike").to_string();
    assert_eq!(
        message,
        "the runs were configured differently\n  clients: 10 against 12\n  \
         policy: \"round-robin\" against \"\\u001b[2J\\u{202e}\""
    );
}

#[test]
fn what_is_under_test_and_where_it_ran_is_only_noted() {
    let (a, b) = (scenes::two_arms(), later());
    let comparison = compare(&a, &b, false).expect("alike");
    let noted: Vec<_> = comparison.noted.iter().map(ToString::to_string).collect();
    assert_eq!(
        noted,
        [
            "version: \"0.1.0\" against \"0.2.0\"",
            "cpus: 2 against 8",
            "arm before: strategy: \"per-process-counter\" against \"mtime-size\"",
        ]
    );
    assert!(comparison.forced.is_empty());
}

#[test]
fn arms_are_matched_by_name_and_then_by_position() {
    let (a, mut b) = (scenes::two_arms(), scenes::two_arms());
    b.arms.reverse();
    b.arms[1].name = "earlier".into();
    let comparison = compare(&a, &b, false).expect("alike");
    let pairs: Vec<_> =
        comparison.pairs.iter().map(|pair| (&*pair.a.name, &*pair.b.name)).collect();
    assert_eq!(pairs, [("before", "earlier"), ("after", "after")]);
}

#[test]
fn force_compares_and_says_first_what_was_not_alike() {
    let (a, mut b) = (scenes::two_arms(), scenes::two_arms());
    b.scenario.setup.clients = 12;
    for format in ["text", "markdown"] {
        let output = rendered(format, &a, &b, true);
        let alarm = output.find("not alike: clients: 10 against 12").expect("an alarm");
        assert!(output.find("304 rate").is_some_and(|table| alarm < table), "{output}");
    }
    assert!(rendered("json", &a, &b, true).contains("\"forced\": [\n    {"));
}

#[test]
fn a_run_compared_with_itself_is_unchanged_throughout() {
    let run = scenes::two_arms();
    let csv = rendered("csv", &run, &run, false);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    for row in reader.records().map(|row| row.expect("a row")) {
        assert!(row[5].is_empty() || &row[5] == "0", "{row:?}");
        assert_eq!(row[3], row[4]);
    }
}

#[test]
fn two_runs_side_by_side() {
    let (a, b) = (scenes::two_arms(), later());
    for format in ["text", "markdown", "csv"] {
        insta::assert_snapshot!(format!("compare_{format}"), rendered(format, &a, &b, false));
    }
    let json = rendered("json", &a, &b, false);
    let file: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(file["schema"], "etag-lab.compare/1");
    assert_eq!(file["arms"][0]["comparison"]["bytes_saved"], 4_202_000 - 2_850_000);
    let metrics = file["arms"][0]["metrics"].as_array().expect("a list");
    let not_modified = metrics.iter().find(|metric| metric["metric"] == "not_modified");
    assert_eq!(not_modified.expect("counted")["change"], 163.0);
}

#[test]
fn an_open_loop_that_could_not_keep_up_is_named() {
    let run = |elapsed_s: f64| {
        let mut record = scenes::two_arms();
        record.scenario.setup.cadence = "open-loop".into();
        record.scenario.interval_ms = Some(100.0);
        for arm in &mut record.arms {
            arm.setup.cadence = "open-loop".into();
            arm.elapsed_s = Some(elapsed_s);
        }
        record
    };
    let said = |a: &RunRecord, b: &RunRecord| rendered("text", a, b, false);
    // 50 rounds of a tenth of a second.
    assert!(!said(&run(5.1), &run(5.0)).contains("overloaded"));
    let text = said(&run(5.0), &run(12.34));
    let expected = r#"arm before: overloaded: null against "12.3 s for 5.0 s of polls""#;
    assert!(text.contains(expected), "{text}");
    assert!(said(&run(12.0), &run(12.0)).contains("overloaded"), "both of them");
}
