//! `etag-lab merge` where there is nothing to add up. What it adds up is in `shards`.

use crate::support::served::Served;
use crate::support::{ended, home, json_of, poll_json, require, stderr, stdout, workspace};

fn saved(name: &str, record: &serde_json::Value) -> String {
    let path = home().join(name);
    std::fs::write(&path, record.to_string()).expect("written");
    name.to_owned()
}

fn refusal(args: &[&str], code: i32) -> String {
    let output = ended(&[&["merge", "--no-save"], args].concat(), code);
    assert_eq!(stdout(&output), "");
    let said = stderr(&output).to_owned();
    assert_eq!(said.matches("error: ").count(), 1, "{said}");
    assert!(said.contains("= help: "), "{said}");
    said
}

/// So many records of one command, merged as repetitions of it.
fn repeated(name: &str, runs: u32, args: &[&str]) -> String {
    let files: Vec<_> =
        (0..runs).map(|run| saved(&format!("{name}-{run}.json"), &poll_json(args))).collect();
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    let output =
        ended(&[&["merge", "--repeats", "--no-save", "--format", "json"], &files[..]].concat(), 0);
    saved(&format!("{name}.json"), &crate::support::json_of(&output))
}

#[test]
fn repetitions_show_their_spread_and_a_comparison_looks_at_it() {
    let replica = Served::start(&["replica"]);
    let url = replica.url();
    let load = [url.as_str(), "--clients", "5", "--polls", "20"];
    let (a, b) = (repeated("a", 3, &load), repeated("b", 3, &load));
    let shown = ended(&["report", &a], 0);
    assert!(stdout(&shown).contains("the range of 3 runs"), "{}", stdout(&shown));
    let record = std::fs::read_to_string(home().join(&a)).expect("written");
    let record: serde_json::Value = serde_json::from_str(&record).expect("a record");
    assert_eq!(record["repeats"], 3);
    let spread = &record["arms"][0]["spread"];
    assert_eq!(spread["polls"], serde_json::json!([100.0, 100.0]));
    let [least, most] = [0, 1].map(|at| spread["latency_p50_us"][at].as_f64().expect("a number"));
    let p50 = record["arms"][0]["latency_us"]["p50"].as_f64().expect("a number");
    assert!(least <= p50 && p50 <= most, "{least} {p50} {most}");
    // Two runs of the same command differ by nothing that is more than their spread.
    let compared = ended(&["compare", &a, &b], 0);
    let bytes = stdout(&compared).lines().find(|line| line.starts_with("bytes to clients"));
    assert!(bytes.is_some_and(|line| line.ends_with("unchanged")), "{}", stdout(&compared));
    let said = refusal(&["--repeats", "a-0.json"], 2);
    assert!(said.contains("one run has no spread"), "{said}");
    let odd = saved("odd.json", &poll_json(&[&replica.url(), "--clients", "6"]));
    let said = refusal(&["--repeats", "a-0.json", &odd], 2);
    assert!(said.contains("clients is 5 in a-0.json and 6 in odd.json"), "{said}");
}

#[test]
fn repetitions_end_as_each_of_them_did() {
    let again = |name: &str, args: &[&str], code: i32| {
        let record = ended(&[&["run", "--no-save", "--format", "json"], args].concat(), code);
        let file = saved(name, &json_of(&record));
        ended(&["merge", "--repeats", "--no-save", &file, &file], code);
    };
    again("ours.json", &["--polls", "6"], 0);
    let Some(_) = require("python3") else { return };
    let server = workspace().join("scenarios/replicas/start_time_tag.py");
    let command = format!("exec python3 '{}'", server.display());
    again("theirs.json", &["--replica-command", &command, "--polls", "6"], 1);
}

#[test]
fn records_that_are_no_shards_are_refused_with_the_reason() {
    let replica = Served::start(&["replica"]);
    let mut record = poll_json(&[&replica.url(), "--clients", "2", "--polls", "3"]);
    let whole = saved("whole.json", &record);
    let said = refusal(&[&whole, &whole], 2);
    assert!(said.contains("whole.json is no shard: it was measured without --shard"), "{said}");
    // A record of 0.1.0 is read, and has quantiles alone.
    record["tool"]["version"] = "0.1.0".into();
    let arm = record["arms"][0].as_object_mut().expect("an arm");
    arm.remove("latency_histograms").expect("this version keeps histograms");
    arm.remove("window").expect("this version keeps the time");
    let old = saved("old.json", &record);
    ended(&["report", &old], 0);
    let said = refusal(&[&old, &whole], 2);
    assert!(
        said.contains("old.json cannot be added: it has quantiles and no histograms"),
        "{said}"
    );
    assert!(refusal(&["nowhere.json"], 3).contains("cannot read `nowhere.json`"));
    assert!(refusal(&["-"], 2).contains("there is no record"));
}
