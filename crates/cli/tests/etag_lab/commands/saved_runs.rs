//! `report` and `compare`: saved runs, again and side by side.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{
    assert_code, ended, etag_lab, home, json_of, output_of, results, run_json, stderr, stdout,
};

/// Saves a small run in a file of this name.
fn save(name: &str, flags: &[&str]) -> PathBuf {
    let output = etag_lab()
        .args(["run", "--polls=4", "--no-save", "--format=json", "-o", name])
        .args(flags)
        .output()
        .expect("etag-lab starts");
    assert_code(&output, 0);
    home().join(name)
}

/// The same run on a machine where every poll takes as long, at the same moment.
fn pin(name: &str) {
    let path = home().join(name);
    let text = std::fs::read_to_string(&path).expect("a saved run");
    let mut record: Value = serde_json::from_str(&text).expect("a saved run is JSON");
    record["started"] = "2026-01-02T03:04:05Z".into();
    record["tool"]["version"] = "0.0.0".into();
    record["machine"] = serde_json::json!({"cpus": 2, "os": "linux x86_64"});
    for arm in record["arms"].as_array_mut().expect("arms are a list") {
        arm["elapsed_s"] = 0.25.into();
        for cost in ["origin_cpu_s", "origin_cpu_us_per_poll", "bytes_saved_per_cpu_second"] {
            arm[cost] = 0.01.into();
        }
        for latency in ["latency_us", "latency_200_us", "latency_304_us"] {
            let quantiles = arm[latency].as_object_mut().into_iter().flatten();
            quantiles.for_each(|(_, quantile)| *quantile = 123.into());
        }
    }
    std::fs::write(&path, record.to_string()).expect("written");
}

#[test]
fn a_saved_run_is_rendered_again_in_every_format() {
    save("run.json", &[]);
    pin("run.json");
    // Of the page for a browser `report` keeps snapshots, and tests/browser.rs looks at it in one;
    // series in time are of the time of the run.
    let kept = |name| !["json", "html", "openmetrics"].contains(&name);
    for format in report::catalogue::FORMATS.iter().filter(|format| kept(format.name)) {
        let output = ended(&["report", "run.json", "--format", format.name], 0);
        assert_eq!(stderr(&output), "");
        insta::assert_snapshot!(format!("report_{}", format.name), stdout(&output));
    }
}

#[test]
fn json_of_a_saved_run_is_that_run() {
    let path = save("run.json", &[]);
    let saved = std::fs::read_to_string(path).expect("a saved run");
    let output = ended(&["report", "run.json", "--format", "json"], 0);
    assert_eq!(stdout(&output), saved);
}

#[test]
fn the_file_that_a_run_names_as_saved_holds_what_it_printed() {
    results();
    let printed = run_json(&["run", "--polls=4"]);
    let output = output_of(&["run", "--polls=4"]);
    let saved = stderr(&output).lines().find_map(|line| line.strip_prefix("saved "));
    let path = home().join(saved.expect("a run says where it is saved"));
    let saved: Value =
        serde_json::from_slice(&std::fs::read(path).expect("it is there")).expect("it is JSON");
    for key in ["schema", "scenario", "expectations"] {
        assert_eq!(printed[key], saved[key]);
    }
    assert_eq!(printed["arms"][0]["bytes"], saved["arms"][0]["bytes"]);
}

#[test]
fn runs_of_one_configuration_stand_side_by_side() {
    for (name, before) in [("a.json", "per-process-counter"), ("b.json", "content-hash")] {
        save(name, &["--before", before]);
        pin(name);
    }
    let output = ended(&["compare", "a.json", "b.json"], 0);
    insta::assert_snapshot!("compare", stdout(&output));
}

#[test]
fn runs_of_two_configurations_do_not_unless_forced() {
    save("a.json", &[]);
    save("b.json", &["--clients", "7"]);
    let output = ended(&["compare", "a.json", "b.json"], 2);
    assert_eq!(stdout(&output), "");
    insta::assert_snapshot!("compare_unlike", stderr(&output));
    let output = ended(&["compare", "a.json", "b.json", "--force"], 0);
    let first = stdout(&output).lines().next().unwrap_or_default();
    assert!(first.contains("not alike: clients: 10 against 7"), "{first}");
}

#[test]
fn a_comparison_has_every_format() {
    save("a.json", &[]);
    for format in report::catalogue::FORMATS {
        let output = ended(&["compare", "a.json", "a.json", "--format", format.name], 0);
        assert!(!output.stdout.is_empty(), "{}", format.name);
        if format.name == "json" {
            assert_eq!(json_of(&output)["schema"], "etag-lab.compare/1");
        }
    }
}

#[test]
fn the_newest_runs_need_no_names() {
    for polls in ["2", "3", "4"] {
        ended(&["run", "--results", "kept", "--clients=2", "--no-changes", "--polls", polls], 0);
    }
    let last = ["--last", "--results", "kept", "--format", "json"];
    let newest = output_of(&[&["report"][..], &last].concat());
    assert_eq!(json_of(&newest)["scenario"]["polls_per_client"], 4.0);
    assert!(stderr(&newest).starts_with("kept/runs/"), "{}", stderr(&newest));
    let both = output_of(&[&["compare", "--force"][..], &last].concat());
    let polls = |run| json_of(&both)["arms"][0][run]["polls"].clone();
    assert_eq!([polls("a"), polls("b")], [6, 8]);
    std::fs::copy(first_run("kept"), home().join("a.json")).expect("copied");
    let named = output_of(&[&["compare", "a.json", "--force"][..], &last].concat());
    assert_eq!(json_of(&named)["arms"][0]["b"]["polls"], 8);
}

/// The file of the oldest run that is saved there.
fn first_run(results: &str) -> PathBuf {
    let runs = std::fs::read_dir(home().join(results).join("runs")).expect("runs are saved");
    let written =
        |path: &PathBuf| path.metadata().and_then(|file| file.modified()).expect("a file");
    let paths = runs.map(|run| run.expect("readable").path());
    paths.min_by_key(written).expect("at least one")
}

#[test]
fn the_newest_of_no_runs_is_refused_with_a_way_out() {
    for args in [&["report", "--last"][..], &["compare", "--last"]] {
        let output = ended(args, 3);
        assert!(stderr(&output).contains("--results"), "{}", stderr(&output));
    }
    results();
    ended(&["run", "--polls=4"], 0);
    let output = ended(&["compare", "--last"], 3);
    assert!(stderr(&output).contains("there is 1 saved run in"), "{}", stderr(&output));
    ended(&["report"], 2);
}

#[test]
fn a_chart_of_a_saved_run_is_a_picture_of_its_own() {
    save("run.json", &[]);
    ended(&["report", "run.json", "--chart", "rounds", "-o", "rounds.svg"], 0);
    let picture = std::fs::read_to_string(home().join("rounds.svg")).expect("written");
    assert!(picture.starts_with("<svg ") && picture.contains("304 validated"), "{picture}");
    let unknown = ended(&["report", "run.json", "--chart", "round"], 2);
    for (name, _) in report::chart_names() {
        assert!(stderr(&unknown).contains(name), "{name} in {}", stderr(&unknown));
    }
    let absent = ended(&["report", "run.json", "--chart", "source"], 2);
    assert!(stderr(&absent).contains("= help: charts of this run: `bytes`"), "{}", stderr(&absent));
}

#[test]
fn what_is_no_saved_run_is_refused() {
    std::fs::write(home().join("empty.json"), "").expect("written");
    std::fs::write(home().join("other.json"), "{\"schema\": \"something/9\"}").expect("written");
    std::fs::write(home().join("text.json"), "a table").expect("written");
    for (file, code) in [
        ("missing.json", 3),
        (".", 3),
        ("empty.json", 2),
        ("other.json", 2),
        ("text.json", 2),
        ("\u{1b}[31m\u{9b}.json", 3),
    ] {
        for args in [&["report", file][..], &["compare", file, file]] {
            let output = output_of(args);
            assert_code(&output, code);
            assert_eq!(stdout(&output), "");
            let complaint = stderr(&output);
            assert!(complaint.starts_with("error: "), "{complaint}");
            assert!(complaint.contains("= help: "), "{complaint}");
            assert!(!complaint.contains(|c: char| c.is_control() && c != '\n'), "{complaint:?}");
        }
    }
}
