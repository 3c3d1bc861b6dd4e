//! Scenarios that `check --repro` writes: each is run, and shows the finding that it is for.

use findings::catalogue;
use findings::repro::{CASES, Scale};
use serde_json::Value;

use crate::support::{ended, home, json_of, output_of, require, stderr, stdout};

const SCALE: Scale = Scale { replicas: 3, content_bytes: 700 };

fn names(record: &Value) -> Vec<&str> {
    let findings = record["findings"].as_array().expect("findings are a list");
    findings.iter().filter_map(|one| one["name"].as_str()).collect()
}

#[test]
fn every_case_shows_its_finding_when_it_is_run() {
    let Some(_) = require("python3") else { return };
    for case in CASES.iter() {
        let kind = catalogue::find(&case.finding).expect("a known finding");
        std::fs::write(home().join("case.toml"), case.text(kind, SCALE)).expect("a new file");
        let output = output_of(&["run", "case.toml", "--no-save", "--format", "json"]);
        let record = json_of(&output);
        assert!(names(&record).contains(&kind.name.as_str()), "{}: {record:#}", case.summary);
    }
}

/// What curl printed of two replicas with a tag each, and a URL and fields that tell too much.
fn log() -> String {
    let exchange = |turn: usize| {
        let tag = ["41", "18"][turn % 2];
        format!(
            "> GET /private/'''path?token=hush HTTP/1.1\r\n> Host: hidden.example\r\n\
             > Authorization: Bearer hush\r\n> \r\n< HTTP/1.1 200 OK\r\n< ETag: \"{tag}\"\r\n\
             < Server: '''hush\r\n< Content-Length: 5\r\n< \r\nhello\r\n"
        )
    };
    (0..12).map(exchange).collect()
}

#[test]
fn a_finding_is_written_as_a_scenario_and_the_result_is_printed_all_the_same() {
    std::fs::write(home().join("log.txt"), log()).expect("a new file");
    let arguments =
        ["check", "--wire", "log.txt", "--repro", "-o", "case.toml", "--format", "json"];
    let output = output_of(&arguments);
    assert_eq!(names(&json_of(&output))[0], "node-local-tag", "{}", stderr(&output));
    assert!(stderr(&output).contains("ETL001 node-local-tag again: etag-lab run case.toml"));
    let scenario = std::fs::read_to_string(home().join("case.toml")).expect("it was written");
    for word in ["hush", "private", "hidden", "41"] {
        assert!(!scenario.contains(word), "{word} in {scenario}");
    }
    let run = ended(&["run", "case.toml", "--no-save", "--format", "json"], 0);
    assert!(names(&json_of(&run)).contains(&"node-local-tag"), "{}", stdout(&run));
}

#[test]
fn what_no_run_can_show_is_not_written_and_the_reason_is_named() {
    let exchange = "> GET / HTTP/1.1\r\n> Host: a\r\n> \r\n< HTTP/1.1 200 OK\r\n< ETag: v1\r\n\
                    < Content-Length: 5\r\n< \r\nhello\r\n";
    std::fs::write(home().join("log.txt"), exchange.repeat(12)).expect("a new file");
    let output = output_of(&["check", "--wire", "log.txt", "--repro", "-o", "case.toml"]);
    assert!(stderr(&output).contains("no scenario"), "{}", stderr(&output));
    assert!(!home().join("case.toml").exists());
    let refused = ended(&["check", "--wire", "log.txt", "--repro"], 2);
    assert!(stderr(&refused).contains("--output <FILE>"), "{}", stderr(&refused));
}
