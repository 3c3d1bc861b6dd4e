//! Promises of every entry of a catalogue, kept by the built program and its replica processes.
//!
//! The loops know no entry by name: a new strategy, policy, format or scenario is tested on
//! arrival.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use balancer::catalogue::{EDGES, POLICIES};
use measure::record::RunRecord;
use report::catalogue::FORMATS;
use scenario::BUILT_IN;
use serde_json::Value;
use strategies::{Agreement, Deployed, STRATEGIES};

use crate::support::process::PATIENCE;
use crate::support::{ended, etag_lab, home, json_of, output_of, run_json};

const REPLICAS: u64 = 3;
/// Of four clients, seven each.
const POLLS: u64 = 28;

/// The arm `before` of a run that is just long enough for every client to meet every replica, and
/// whose content is large enough that no two processes have its members in the same order.
fn arm(strategy: &str, flags: &[&str]) -> Value {
    let mut record = record(strategy, flags);
    assert_eq!(record["arms"][1]["tags_for_same_content"], 1);
    record["arms"][0].take()
}

fn record(strategy: &str, flags: &[&str]) -> Value {
    let run = ["run", "--replicas=3", "--clients=4", "--polls=7", "--no-save", "--size=2000"];
    let strategies = ["--before", strategy, "--after", "content-hash"];
    run_json(&[&run[..], &strategies, flags].concat())
}

/// Different tags that the replicas of this arm issued.
fn tags(arm: &Value) -> BTreeSet<&str> {
    let replicas = arm["replicas"].as_array().expect("replicas are a list").iter();
    let tags = replicas.flat_map(|replica| replica["entity_tags"].as_array().expect("a list"));
    tags.filter_map(Value::as_str).collect()
}

#[test]
fn replica_processes_agree_exactly_as_far_as_their_strategy_claims() {
    for entry in STRATEGIES {
        let arm = arm(entry.name, &["--no-changes"]);
        let observed = arm["tags_for_same_content"].as_u64().expect("a count");
        let stamped = matches!(entry.deployed, Deployed::StampedWith(_));
        let expected = match entry.agreement {
            Agreement::NoTag => 0,
            Agreement::SameContent | Agreement::SameRevision => 1,
            Agreement::SameFile if stamped => 1,
            // By default each replica gets its own copy seven seconds after its predecessor.
            Agreement::SameProcess | Agreement::SameFile => REPLICAS,
            Agreement::Never => POLLS,
        };
        assert_eq!(observed, expected, "{}: {arm:#}", entry.name);
        let contents = if entry.deployed == Deployed::NamingReplica { REPLICAS } else { 1 };
        assert_eq!(tags(&arm).len() as u64, expected * contents, "{}", entry.name);
        assert_eq!(arm["replicas"].as_array().map(Vec::len), Some(3), "{}", entry.name);
        let tagless = entry.agreement == Agreement::NoTag;
        assert_eq!(arm["not_modified_ratio"].is_null(), tagless, "{}", entry.name);
        assert_eq!(arm["conditional"] == 0, tagless, "{}", entry.name);
    }
}

#[test]
fn copies_deployed_at_one_time_agree_unless_the_inode_counts() {
    for (strategy, expected) in [
        ("mtime-size", 1),
        ("size-mtime-ms", 1),
        ("mtime-base36", 1),
        ("encoded-content-hash", 1),
        ("inode-size-mtime", REPLICAS),
        ("inode-hash", REPLICAS),
    ] {
        let arm = arm(strategy, &["--no-changes", "--set", "fleet.deploy-drift=0s"]);
        assert_eq!(arm["tags_for_same_content"], expected, "{strategy}");
        assert_eq!(arm["predicted_not_modified_ratio"], arm["not_modified_ratio"], "{strategy}");
    }
}

#[test]
fn what_is_predicted_in_lock_step_is_observed() {
    for policy in POLICIES.iter().filter(|policy| !policy.random) {
        for entry in STRATEGIES {
            let arm = arm(entry.name, &["--policy", policy.name]);
            let case = format!("{} behind {}", entry.name, policy.name);
            // Tags of which no two are equal are not modelled.
            let is_modelled = entry.agreement != Agreement::Never;
            let predicted = &arm["predicted_not_modified_ratio"];
            assert!(is_modelled || predicted.is_null(), "{case}");
            let observed = &arm["not_modified_ratio"];
            assert!(!is_modelled || predicted == observed, "{case}: {predicted} {observed}");
            assert_eq!(arm["verdicts"]["error"], 0, "{case}");
        }
    }
}

/// What clients do with what they have stored changes what is to be predicted; where it depends on
/// more than is modelled, nothing is predicted.
#[test]
fn what_is_predicted_for_other_clients_is_observed_too() {
    let reconnect = "event=[{at-poll=3,kind='reconnect'},{at-poll=6,kind='reconnect'}]";
    let same_second = "change=[{at-poll=4,kind='same-second'}]";
    for flags in [
        &["--honour-freshness", "--cache-control=max-age=2"][..],
        &["--honour-freshness", "--cache-control=no-store"],
        &["--interrupt-at=0.5", "--cache-control=max-age=2"],
        &["--interrupt-at=0.5", "--if-range=strong-only", "--honour-freshness"],
        &["--validate=both", "--set", reconnect],
        &["--interrupt-at=0.3", "--set", reconnect],
        &["--validate=last-modified"],
        &["--set", same_second],
    ] {
        for policy in POLICIES.iter().filter(|policy| !policy.random) {
            for strategy in ["per-process-counter", "mtime-size"] {
                let arm = arm(strategy, &[&["--policy", policy.name], flags].concat());
                let case = format!("{strategy} behind {} {flags:?}: {arm:#}", policy.name);
                let predicted = &arm["predicted_not_modified_ratio"];
                assert!(predicted.is_null() || *predicted == arm["not_modified_ratio"], "{case}");
                let modelled = !flags.contains(&"--validate=last-modified")
                    && !flags.contains(&"--cache-control=no-store");
                let in_turn = policy.name == "round-robin";
                assert!(!predicted.is_null() || !modelled || !in_turn, "{case}");
                assert_eq!(arm["verdicts"]["error"], 0, "{case}");
            }
        }
    }
}

#[test]
fn every_policy_runs_under_every_cadence_and_is_listed() {
    let listed = output_of(&["list", "policies"]).stdout;
    let listed = String::from_utf8_lossy(&listed);
    for policy in POLICIES {
        assert!(listed.contains(&format!("  {} ", policy.name)), "{}", policy.name);
        for cadence in ["--cadence=lockstep", "--cadence=shuffled", "--cadence=open-loop"] {
            let mut flags = vec!["--policy", policy.name, cadence];
            if cadence.ends_with("open-loop") {
                flags.extend(["--interval", "10ms"]);
            }
            let arm = arm("content-hash", &flags);
            let case = format!("{} {cadence}", policy.name);
            assert_eq!(arm["policy"], policy.name);
            assert_eq!(arm["polls"], 28, "{case}");
            assert_eq!(arm["verdicts"]["error"], 0, "{case}");
            assert_eq!(arm["verdicts"]["needless_transfer"], 0, "{case}");
        }
    }
}

#[test]
fn every_edge_does_what_is_predicted_for_clients_of_every_kind() {
    const CLIENTS: [&[&str]; 3] = [&[], &["gzip"], &["gzip", "identity", "*;q=0.5, identity;q=0"]];
    let listed = output_of(&["list", "edges"]).stdout;
    let listed = String::from_utf8_lossy(&listed);
    for edge in EDGES {
        assert!(listed.contains(&format!("  {} ", edge.name)), "{}", edge.name);
        for (strategy, accepted) in ["content-hash", "weak-content-hash", "per-process-counter"]
            .into_iter()
            .flat_map(|strategy| CLIENTS.map(|accepted| (strategy, accepted)))
        {
            let accepted = accepted.iter().flat_map(|value| ["--accept-encoding", value]);
            let flags: Vec<_> = accepted.collect();
            let arm = arm_behind(edge, strategy, &flags);
            let coded = arm["codings"].as_array().expect("a list").iter();
            let coded = coded.filter(|coding| coding["coding"] == "gzip").count() > 0;
            let compresses = edge.edge.is_some_and(|edge| edge.codes());
            assert_eq!(coded, compresses && !flags.is_empty(), "{} {flags:?}", edge.name);
        }
    }
}

/// What an edge does to dates and to freshness shows in those who go by them.
#[test]
fn every_edge_does_what_is_predicted_for_clients_that_go_by_dates_and_by_freshness() {
    for edge in EDGES {
        for clients in [
            &["--validate=last-modified"][..],
            &["--validate=both"],
            &["--validate=both", "--honour-freshness", "--cache-control=max-age=2"],
            &["--honour-freshness", "--cache-control=max-age=2"],
        ] {
            for strategy in ["content-hash", "none"] {
                arm_behind(edge, strategy, &[clients, &["--accept-encoding=gzip"]].concat());
            }
        }
    }
}

/// The first arm of a run in which every poll succeeds and the prediction holds.
fn arm_behind(edge: &balancer::EdgeEntry, strategy: &str, flags: &[&str]) -> Value {
    let arm = record(strategy, &[&["--edge", edge.name], flags].concat())["arms"][0].take();
    let case = format!("{} {strategy} {flags:?}", edge.name);
    assert_eq!(arm["edge"], edge.name, "{case}");
    assert_eq!(arm["verdicts"]["error"], 0, "{case}: {}", arm["errors"]);
    assert_eq!(arm["verdicts"]["false_validation"], 0, "{case}");
    assert_eq!(arm["not_modified_ratio"], arm["predicted_not_modified_ratio"], "{case}");
    arm
}

/// Replicas code for those clients whose wish reaches them, an edge what comes to it as it is.
#[test]
fn replicas_that_code_are_predicted_behind_every_edge() {
    const CLIENTS: [&[&str]; 3] = [&[], &["gzip"], &["br, gzip;q=0.5", "identity", "gzip, br;q=0"]];
    for edge in EDGES {
        for (strategy, accepted) in ["weak-content-hash", "per-process-counter"]
            .into_iter()
            .flat_map(|strategy| CLIENTS.map(|accepted| (strategy, accepted)))
        {
            let accepted = accepted.iter().flat_map(|value| ["--accept-encoding", value]);
            let codings = ["--set", "resource.codings=[\"zstd\", \"br\", \"gzip\"]"];
            let flags: Vec<_> =
                ["--edge", edge.name].into_iter().chain(codings).chain(accepted).collect();
            let arm = record(strategy, &flags)["arms"][0].take();
            let case = format!("{} {strategy} {flags:?}", edge.name);
            assert_eq!(arm["verdicts"]["error"], 0, "{case}: {}", arm["errors"]);
            let predicted = &arm["predicted_not_modified_ratio"];
            assert!(predicted.is_number() || arm["conditional"] == 0, "{case}");
            assert_eq!(arm["not_modified_ratio"], *predicted, "{case}");
        }
    }
}

/// In mid-run every edge takes the place of every other one, between clients of several kinds and
/// replicas that code for some of them.
#[test]
fn what_an_edge_does_when_it_takes_the_place_of_another_is_predicted() {
    let turns = EDGES.iter().flat_map(|one| EDGES.iter().flat_map(move |two| [one, two]));
    let event = |(poll, edge): (usize, &balancer::EdgeEntry)| {
        format!("[[event]]\nat-poll = {poll}\nkind = \"edge\"\nedge = \"{}\"\n", edge.name)
    };
    let events = (2..).zip(turns).map(event).collect::<Vec<_>>().concat();
    let polls = 2 * EDGES.len() * EDGES.len() + 3;
    for offer in ["[]", "[\"gzip\"]", "[\"br\"]"] {
        let text = format!(
            "[resource]\ncodings = {offer}\n[load]\nclients = 7\npolls = {polls}\n\
             accept-encoding = [\"gzip\", \"identity\", \"br, gzip;q=0.5\"]\n\
             {events}[[change]]\nat-poll = 20\n\
             [[arm]]\nname = \"a\"\nstrategy = \"content-hash\"\n"
        );
        let file = home().join("turns.toml");
        std::fs::write(&file, text).expect("the scenario can be written");
        let record = run_json(&["run", file.to_str().expect("text"), "--no-save"]);
        let arm = &record["arms"][0];
        assert_eq!(arm["verdicts"]["error"], 0, "{offer}: {}", arm["errors"]);
        assert!(arm["not_modified_ratio"].is_number(), "{offer}");
        assert_eq!(arm["not_modified_ratio"], arm["predicted_not_modified_ratio"], "{offer}");
    }
}

#[test]
fn products_are_names_of_their_edges() {
    for edge in EDGES {
        for product in edge.products {
            let record = record("content-hash", &["--edge", product]);
            assert_eq!(record["arms"][0]["edge"], edge.name, "{product}");
        }
    }
}

#[test]
fn every_format_shows_a_run_and_renders_it_again() {
    ended(&["run", "--polls=3", "--results=."], 0);
    let mut runs = std::fs::read_dir(home().join("runs")).expect("runs are saved");
    let saved = runs.next().expect("one").expect("readable").path();
    for format in FORMATS {
        let run = output_of(&["run", "--polls=3", "--no-save", "--format", format.name]);
        let again = etag_lab()
            .args(["report", "--format", format.name])
            .arg(&saved)
            .output()
            .expect("etag-lab starts");
        for output in [run, again] {
            assert_eq!(output.status.code(), Some(0), "{}", format.name);
            let text = String::from_utf8(output.stdout).expect("UTF-8");
            assert!(text.contains("all-200s") && text.ends_with('\n'), "{}: {text}", format.name);
        }
    }
}

#[test]
fn every_scenario_keeps_its_expectations_within_80_columns_and_three_seconds() {
    // A debug build on a busy machine shows nothing about time.
    let patience = if cfg!(debug_assertions) { PATIENCE } else { Duration::from_secs(3) };
    let listed = output_of(&["list", "scenarios"]).stdout;
    let listed = String::from_utf8_lossy(&listed);
    for scenario in BUILT_IN {
        let name = scenario.name;
        assert!(listed.contains(&format!("  {name} ")), "{name}");
        let results = format!("--results={name}");
        let started = Instant::now();
        let output = output_of(&["run", name, &results]);
        assert!(started.elapsed() < patience, "{name} took {:?}", started.elapsed());
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(output.status.code(), Some(0), "{name}: {text}");
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
        let record = saved(name);
        assert_eq!(record["scenario"]["name"], name);
        says_what_it_is_about(&text, &record);
        let expectations = record["expectations"].as_array().expect("a list");
        assert!(!expectations.is_empty(), "{name} expects nothing");
        assert!(expectations.iter().all(|expected| expected["passed"] == true), "{name}");
    }
}

/// Every number that the scenario names has a row and a value, and the last lines are its lesson.
fn says_what_it_is_about(text: &str, record: &Value) {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lesson = record["scenario"]["lesson"].as_str().unwrap_or_default();
    assert!(lesson.ends_with('.') && words.ends_with(lesson), "{lesson}\n{text}");
    let record: RunRecord = serde_json::from_value(record.clone()).expect("a record");
    let numbers = &record.scenario.headline;
    for number in numbers {
        let is_known = |arm| measure::numbers::value(arm, number).is_some();
        assert!(record.arms.iter().any(is_known), "{number}\n{text}");
    }
    let headline = text.split("\n\n").nth(1).unwrap_or_default();
    // False 304s may come first without being named.
    let parts = headline.split("; ").count();
    assert!(!numbers.is_empty() && parts >= numbers.len(), "{headline}\n{text}");
}

/// The one run that is saved under this name.
fn saved(results: &str) -> Value {
    let mut runs = std::fs::read_dir(home().join(results).join("runs")).expect("runs are saved");
    let path = runs.next().expect("one").expect("readable").path();
    let output = etag_lab().args(["report", "--format=json"]).arg(path).output();
    json_of(&output.expect("etag-lab starts"))
}
