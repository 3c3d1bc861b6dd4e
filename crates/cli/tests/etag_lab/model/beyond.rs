//! Models of what no run can show: populations of any size, sweeps, bills, and what a check found.

use serde_json::Value;

use crate::support::served::{Served, balancer};
use crate::support::{Tested, ended, home, output_of, run_json, stderr, stdout};

fn model(args: &[&str]) -> Value {
    run_json(&[&["model", "--no-save"], args].concat())
}

#[test]
fn clients_that_cannot_differ_are_counted_once_and_that_is_said() {
    let output = ended(&["model", "--no-save", "--clients", "1e9", "--format", "json"], 0);
    let said = stderr(&output);
    assert!(said.contains("counted 100,000,000,000 polls without modelling each"), "{said}");
    assert!(!said.contains("a second"), "a speed of polls that nobody modelled: {said}");
    let record: Value = serde_json::from_str(stdout(&output)).expect("JSON");
    let after = &record["arms"][1];
    assert_eq!(after["not_modified"], 48_000_000_000_u64);
    assert_eq!(after["verdicts"]["first_fetch"], 1_000_000_000);
}

#[test]
fn one_client_stands_for_others_without_changing_a_count() {
    let all = |flag: &[&str]| model(&[&["--clients", "1000", "--policy", "sticky"], flag].concat());
    let [mut each, mut alike] = [all(&["--each-client"]), all(&[])];
    for record in [&mut each, &mut alike] {
        for name in ["started", "command"] {
            record[name].take();
        }
    }
    assert_eq!(each, alike);
}

#[test]
fn lots_of_a_population_fall_as_chance_will_have_it() -> Tested {
    let record = model(&["scale-out", "--clients", "1e9", "--replicas", "1..8"]);
    let arms = record["arms"].as_array().ok_or("arms")?;
    assert_eq!(arms.len(), 10, "five sizes, before and after");
    for arm in arms {
        let size = arm["fleet_size"].as_f64().ok_or("a size")?;
        let expected = if arm["strategy"] == "content-hash" { 1.0 } else { 1.0 / size };
        let ratio = arm["not_modified_ratio"].as_f64().ok_or("a ratio")?;
        // Of a thousand million clients the share is known to four digits.
        assert!((ratio - expected).abs() < 1e-4, "{}: {ratio}", arm["name"]);
        let verdicts = arm["verdicts"].as_object().ok_or("verdicts")?;
        let total: u64 = verdicts.values().filter_map(Value::as_u64).sum();
        assert_eq!(total, 50_000_000_000);
    }
    Ok(())
}

#[test]
fn too_many_clients_that_may_all_differ_are_refused() {
    let args = ["model", "--no-save", "--clients", "1e9", "--cadence", "shuffled"];
    let output = ended(&args, 2);
    assert!(stderr(&output).contains("may all differ"), "{}", stderr(&output));
}

/// 4,000,000 clients every 30 s are 133,333.3 requests a second; what a month of them costs follows from
/// the bytes of one poll, which `run` counts for 10 clients.
#[test]
fn the_bill_follows_from_what_a_run_measures() -> Tested {
    let args = ["--no-changes", "--interval", "30s", "--clients", "4e6", "--price", "0.09/GB"];
    let output = ended(&[&["model", "--no-save"][..], &args].concat(), 0);
    let text = stdout(&output);
    assert_eq!(text.matches("133,333.3 requests/s").count(), 2, "{text}");
    assert!(text.contains("the repair saves"), "{text}");
    let run = run_json(&["run", "--no-save", "--no-changes"]);
    for (index, arm) in ["before", "after"].into_iter().enumerate() {
        let arm_record = &run["arms"][index];
        let each = arm_record["bytes"]["per_unchanged_poll"].as_f64().ok_or("bytes")?;
        // 345,600 million polls in 30 days; 27 bytes of each response are the lab's own.
        let gigabytes = 345_600e6 * (each - 27.0) / 1e9;
        let line = text.lines().rfind(|line| line.starts_with(&format!("  {arm} ")));
        let numbers: Vec<_> = line.ok_or("a line of the arm")?.split_whitespace().collect();
        let shown = |number: &str| number.replace(',', "").parse::<f64>();
        assert!((shown(numbers[3])? / gigabytes - 1.0).abs() < 1e-3, "{text}");
        assert!((shown(numbers[5])? / gigabytes - 0.09).abs() < 1e-4, "{text}");
    }
    Ok(())
}

#[test]
fn what_a_check_found_is_modelled() {
    let replica = |_| Served::start(&["replica", "--strategy", "process-nonce"]);
    let fleet: Vec<_> = (0..3).map(replica).collect();
    let addresses: Vec<_> = fleet.iter().map(|replica| replica.address).collect();
    let balancer = balancer(&addresses, &["--policy", "round-robin"]);
    let checked = output_of(&["check", &balancer.url(), "--format", "json", "-o", "check.json"]);
    assert!(home().join("check.json").exists(), "{}", stderr(&checked));
    let record = model(&["--from", "check.json", "--policy", "random"]);
    assert_eq!(record["scenario"]["name"], "node-local-tag");
    assert_eq!(record["scenario"]["replicas"], 3);
    let [found, repaired] = [0, 1].map(|arm| record["arms"][arm]["not_modified_ratio"].as_f64());
    assert!(found.is_some_and(|ratio| ratio < 0.6), "{found:?}");
    assert_eq!(repaired, Some(1.0));
    let output = ended(&["model", "--from", "Cargo.toml"], 3);
    assert!(stderr(&output).contains("Cargo.toml"), "{}", stderr(&output));
}
