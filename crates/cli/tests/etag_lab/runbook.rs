//! The commands of scenarios/RUNBOOK.md, as somebody at three in the morning would paste them:
//! run by a real shell and a real curl against replicas that have the fault they are to find.

#![cfg(target_os = "linux")]

mod night;

use self::night::{Night, block};
use crate::support::http::ask;
use crate::support::process::PATIENCE;
use crate::support::{eventually, home, workspace};

/// Lines of words, single spaces between them.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

const COUNTERS: [&[&str]; 3] = [
    &["--strategy", "per-process-counter", "--changes-seen", "41"],
    &["--strategy", "per-process-counter", "--changes-seen", "18"],
    &["--strategy", "per-process-counter", "--changes-seen", "2"],
];

#[test]
fn the_first_command_names_the_cause_and_the_second_each_replica() {
    for night in Night::both(&COUNTERS) {
        let (found, is_well) = night.paste_failing("", "check");
        assert!(!is_well, "{found}");
        assert_eq!(found.matches("ETL001").count(), 2, "{found}");
        assert!(!found.contains("s3cr3t"), "{found}");
    }
    // Copies that were written this second have a date that looks like the clock.
    let undated: &[&str] = &["--no-last-modified"];
    for night in Night::both(&[undated, undated, undated]) {
        let found = night.paste("", "check");
        assert_eq!(found.matches("healthy").count(), 2, "{found}");
    }
}

#[test]
fn the_access_log_is_read_with_the_program_and_without() {
    let Some(night) = Night::guarded(&COUNTERS) else { return };
    night.paste("", "wire-check");
    let line = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let by_hand = eventually("the log of all requests", PATIENCE, || {
        let found = line(&night.paste("", "logs-by-hand"));
        found.starts_with("24 requests").then_some(found)
    });
    // Four of twenty-four: a third of those with a tag.
    assert_eq!(by_hand, "24 requests  17 % 304  /api/config");
    let (found, _) = night.paste_failing("", "logs");
    assert!(found.contains("/api/config") && found.contains("24"), "{found}");
}

#[test]
fn the_cost_is_a_formula_and_a_flag() {
    let Some(night) = Night::with(&[&[]]) else { return };
    let found = night.paste("", "cost");
    // 100 requests/s, two of three of them 8,400 bytes for nothing; 2.63 million seconds.
    assert_eq!(found.lines().next(), Some("0.56 MB/s, 1480 GB a month"));
    assert!(found.contains("at 0.09/GB") && found.contains("the repair saves"), "{found}");
}

#[test]
fn nobody_without_the_token_is_answered() {
    let Some(night) = Night::guarded(&[&[]]) else { return };
    let without = "FIELDS=''";
    let found = night.paste_failing(without, "per-node").0;
    assert!(found.contains("content") && !found.contains("etag"), "{found}");
    assert!(ask(night.base, "GET /", &[]).is_ok_and(|answer| answer.status == 400), "it is TLS");
}

#[test]
fn the_wire_check_finds_node_local_tags() {
    for night in Night::both(&COUNTERS) {
        let found = lines(&night.paste("", "wire-check"));
        let [tags @ .., full, validated] = &found[..] else { panic!("{found:?}") };
        // Twelve in strict turn over three replicas.
        assert_eq!([full.as_str(), validated.as_str()], ["8 200", "4 304"]);
        let mut contents: Vec<_> = tags.iter().filter_map(|line| line.split(' ').nth(2)).collect();
        contents.dedup();
        assert_eq!(contents.len(), 1, "{found:?}");
        let mut seen: Vec<_> = tags.iter().filter_map(|line| line.split(' ').next_back()).collect();
        seen.sort_unstable();
        assert_eq!(seen, ["\"18\"", "\"2\"", "\"41\""]);
    }
}

#[test]
fn the_wire_check_is_content_with_a_healthy_fleet() {
    for night in Night::both(&[&[], &[], &[]]) {
        let found = lines(&night.paste("", "wire-check"));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("12 content ") && found[1] == "12 304", "{found:?}");
    }
}

#[test]
fn the_wire_check_says_when_there_is_no_tag() {
    let none: &[&str] = &["--strategy", "none"];
    for night in Night::both(&[none, none, none]) {
        let found = lines(&night.paste("", "wire-check"));
        assert!(found[0].ends_with("no tag") && found[1..] == ["12 200"], "{found:?}");
    }
}

#[test]
fn each_node_is_asked_past_the_balancer() {
    for night in Night::both(&COUNTERS) {
        let found = lines(&night.paste("", "per-node"));
        for ((line, node), tag) in found.iter().zip(&night.nodes).zip(["41", "18", "2"]) {
            assert!(line.starts_with(&node.to_string()), "{line}");
            assert!(line.to_lowercase().ends_with(&format!("etag: \"{tag}\"")), "{line}");
        }
        assert_eq!(found.len(), 3);
        let restarted = night.paste("", "restart").to_lowercase();
        assert!(restarted.starts_with("etag: \"41\""), "{restarted}");
        let sorted = night.paste(&block("per-node"), "order");
        assert!(sorted.ends_with("equal once sorted\n"), "{sorted}");
    }
}

#[test]
fn stat_gives_away_tags_that_are_made_of_it() {
    for (strategy, name) in [("inode-size-mtime", "inode"), ("mtime-size", "mtime")] {
        let file = home().join("config.json");
        std::fs::write(&file, "{\"limit\": 1}").expect("the file can be written");
        let file = file.display().to_string();
        for night in Night::both(&[&["--strategy", strategy, "--file", &file]]) {
            let predicted = night.paste(&format!("FILE='{file}'"), name);
            let replica = night.replicas[0].address;
            let answer = crate::support::http::get(replica, &[]).expect("it serves");
            assert_eq!(answer.field("etag"), Some(predicted.trim_end()), "{strategy}");
        }
    }
}

#[test]
fn contents_that_differ_by_order_only_are_told_from_those_that_differ_by_a_host_name() {
    let write = |name: &str, text: &str| {
        let path = home().join(name);
        std::fs::write(&path, text).expect("the file can be written");
        path.display().to_string()
    };
    let one = write("one.json", "{\"a\": 1, \"b\": 2}");
    let other = write("other.json", "{\"b\": 2, \"a\": 1}");
    for night in Night::both(&[&["--file", &one], &["--file", &other], &[]]) {
        let compared = night.paste(&block("per-node"), "order");
        assert!(compared.contains("differ"), "{compared}");
        assert!(compared.ends_with("equal once sorted\n"), "{compared}");
    }
}

#[test]
fn the_replay_in_each_coding_tells_what_happens_to_the_tag() {
    for night in Night::both(&[&[]]) {
        for line in lines(&night.paste("", "compression")) {
            assert!(line.contains(" tag \"") && line.ends_with(" replayed: 304"), "{line}");
        }
    }
    let none: &[&str] = &["--strategy", "none"];
    for night in Night::both(&[none]) {
        for line in lines(&night.paste("", "compression")) {
            assert!(line.ends_with(" tag none replayed: 200"), "{line}");
        }
    }
}

#[test]
fn every_block_of_the_runbook_is_tested_here() {
    let runbook = std::fs::read_to_string(workspace().join("scenarios/RUNBOOK.md"));
    let runbook = runbook.expect("there is a runbook");
    let tests = concat!(include_str!("runbook.rs"), include_str!("runbook/night.rs"));
    let names: Vec<_> =
        runbook.split("<!-- ").skip(1).filter_map(|rest| rest.split(" -->").next()).collect();
    assert_eq!(names.len(), runbook.matches("```sh\n").count());
    for name in names {
        assert!(tests.contains(&format!("\"{name}\"")), "{name}");
    }
}
