//! The commands of scenarios/RUNBOOK.md, as somebody at three in the morning would paste them:
//! run by a real shell and a real curl against replicas that have the fault they are to find.

#![cfg(target_os = "linux")]

use std::process::Command;

use crate::support::served::{Served, balancer};
use crate::support::{home, require, stderr, workspace};

/// The block below `<!-- name -->`.
fn block(name: &str) -> String {
    let path = workspace().join("scenarios/RUNBOOK.md");
    let text = std::fs::read_to_string(path).expect("there is a runbook");
    let marker = format!("<!-- {name} -->\n```sh\n");
    let (_, after) = text.split_once(&marker).unwrap_or_else(|| panic!("no block {name}"));
    after.split("```").next().unwrap_or_default().to_owned()
}

/// Replicas behind a balancer, and a shell that knows their addresses.
struct Night {
    replicas: Vec<Served>,
    balancer: Served,
}

impl Night {
    /// One replica for each list of arguments.
    fn with(replicas: &[&[&str]]) -> Option<Self> {
        for peer in ["sh", "curl", "python3", "cksum", "seq"] {
            require(peer)?;
        }
        let start = |args: &&[&str]| Served::start(&[&["replica"], *args].concat());
        let replicas: Vec<_> = replicas.iter().map(start).collect();
        let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
        Some(Self { replicas, balancer: balancer(&addresses, &["--policy", "round-robin"]) })
    }

    /// The setup with the addresses of this night, `more`, and the block; what they print.
    fn paste(&self, more: &str, name: &str) -> String {
        let mut setup =
            block("setup").replace("127.0.0.1:9000", &self.balancer.address.to_string());
        for (port, replica) in (9_001..).zip(&self.replicas) {
            setup = setup.replace(&format!("127.0.0.1:{port}"), &replica.address.to_string());
        }
        let script = format!("{setup}{more}\n{}", block(name));
        let output = Command::new("sh")
            .args(["-eu", "-c", &script])
            .env("TMPDIR", home())
            .output()
            .expect("sh starts");
        let said = stderr(&output);
        assert!(output.status.success() && said.is_empty(), "{script}\n{said}");
        String::from_utf8(output.stdout).expect("it prints text")
    }
}

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
fn the_wire_check_finds_node_local_tags() {
    let Some(night) = Night::with(&COUNTERS) else { return };
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

#[test]
fn the_wire_check_is_content_with_a_healthy_fleet() {
    let Some(night) = Night::with(&[&[], &[], &[]]) else { return };
    let found = lines(&night.paste("", "wire-check"));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("12 content ") && found[1] == "12 304", "{found:?}");
}

#[test]
fn the_wire_check_says_when_there_is_no_tag() {
    let none: &[&str] = &["--strategy", "none"];
    let Some(night) = Night::with(&[none, none, none]) else { return };
    let found = lines(&night.paste("", "wire-check"));
    assert!(found[0].ends_with("no tag") && found[1..] == ["12 200"], "{found:?}");
}

#[test]
fn each_node_is_asked_past_the_balancer() {
    let Some(night) = Night::with(&COUNTERS) else { return };
    let found = lines(&night.paste("", "per-node"));
    for ((line, replica), tag) in found.iter().zip(&night.replicas).zip(["41", "18", "2"]) {
        assert!(line.starts_with(&replica.address.to_string()), "{line}");
        assert!(line.ends_with(&format!("etag: \"{tag}\"")), "{line}");
    }
    assert_eq!(found.len(), 3);
    let restarted = night.paste("", "restart");
    assert!(restarted.starts_with("etag: \"41\""), "{restarted}");
    let sorted = night.paste(&block("per-node"), "order");
    assert!(sorted.ends_with("equal once sorted\n"), "{sorted}");
}

#[test]
fn stat_gives_away_tags_that_are_made_of_it() {
    for (strategy, name) in [("inode-size-mtime", "inode"), ("mtime-size", "mtime")] {
        let file = home().join("config.json");
        std::fs::write(&file, "{\"limit\": 1}").expect("the file can be written");
        let file = file.display().to_string();
        let Some(night) = Night::with(&[&["--strategy", strategy, "--file", &file]]) else {
            return;
        };
        let predicted = night.paste(&format!("FILE='{file}'"), name);
        let answer = crate::support::http::get(night.replicas[0].address, &[]).expect("it serves");
        assert_eq!(answer.field("etag"), Some(predicted.trim_end()), "{strategy}");
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
    let Some(night) = Night::with(&[&["--file", &one], &["--file", &other], &[]]) else { return };
    let compared = night.paste(&block("per-node"), "order");
    assert!(compared.contains("differ") && compared.ends_with("equal once sorted\n"), "{compared}");
}

#[test]
fn the_replay_in_each_coding_tells_what_happens_to_the_tag() {
    let Some(night) = Night::with(&[&[]]) else { return };
    for line in lines(&night.paste("", "compression")) {
        assert!(line.contains(" tag \"") && line.ends_with(" replayed: 304"), "{line}");
    }
    let none: &[&str] = &["--strategy", "none"];
    let Some(night) = Night::with(&[none]) else { return };
    for line in lines(&night.paste("", "compression")) {
        assert!(line.ends_with(" tag none replayed: 200"), "{line}");
    }
}

#[test]
fn every_block_of_the_runbook_is_tested_here() {
    let runbook = std::fs::read_to_string(workspace().join("scenarios/RUNBOOK.md"));
    let runbook = runbook.expect("there is a runbook");
    let tests = include_str!("runbook.rs");
    let names: Vec<_> =
        runbook.split("<!-- ").skip(1).filter_map(|rest| rest.split(" -->").next()).collect();
    assert_eq!(names.len(), runbook.matches("```sh\n").count());
    for name in names {
        assert!(tests.contains(&format!("\"{name}\"")), "{name}");
    }
}
