//! `etag-lab merge` where there is nothing to add up. What it adds up is in `shards`.

use crate::support::served::Served;
use crate::support::{ended, home, poll_json, stderr, stdout};

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
