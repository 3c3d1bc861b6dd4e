//! What README.md shows is what the program prints, but for what differs from run to run.

use std::path::Path;

use crate::support;
use crate::support::served::{Served, balancer};

/// The block of output in the README that comes first after `marker`.
fn shown_after(marker: &str) -> String {
    let readme = std::fs::read_to_string(support::workspace().join("README.md"));
    let readme = readme.expect("the project has a README");
    let (_, after) = readme.split_once(marker).expect("the README has the marker");
    let block = after.split("```text\n").nth(1).expect("the README shows output");
    block.split("```").next().unwrap_or_default().to_owned()
}

/// The first block of output in the README.
fn shown() -> String {
    shown_after("# etag-lab")
}

/// Latencies differ from run to run, everything else is counted and repeats.
fn without_latencies(text: &str) -> Vec<&str> {
    let timed = |line: &&str| !["µs", " ms"].iter().any(|unit| line.contains(unit));
    text.lines().filter(timed).map(str::trim_end).collect()
}

#[test]
fn the_readme_shows_the_real_output_of_its_one_command() {
    let output = support::output_of(&["run", "--no-save"]);
    let printed = String::from_utf8(output.stdout).expect("the table is UTF-8");
    assert_eq!(without_latencies(&shown()), without_latencies(&printed));
    assert!(shown().contains("µs"), "the README shows latencies too");
}

#[test]
fn the_readme_shows_the_real_output_of_a_run_with_a_shared_store() {
    let output = support::output_of(&["run", "shared-store", "--no-save"]);
    let printed = String::from_utf8(output.stdout).expect("the table is UTF-8");
    let shown = shown_after("<!-- shared-store -->");
    assert_eq!(counted(&shown), counted(&printed));
}

/// What repeats of a run with a shared tag, which means nothing and is another one in each run; how
/// wide a column is depends on its latencies.
fn counted(text: &str) -> Vec<String> {
    let words = |line: &str| {
        let words = line.split_whitespace();
        let words = words.map(|word| if word.starts_with("W/\"") { "[tag]" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    without_latencies(text).into_iter().map(words).collect()
}

/// Ports, dates and the version by placeholders.
fn without_places_and_dates(line: &str) -> String {
    if line.starts_with("< date: ") {
        return "< date: […]".to_owned();
    }
    let words = line.split(' ').map(|word| match word.split_once(':') {
        Some(("127.0.0.1", port)) => format!("127.0.0.1:{}", port.replace(char::is_numeric, "")),
        _ if word.len() == 5 && word.bytes().all(|byte| byte.is_ascii_digit()) => "[port]".into(),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_readme_shows_exchanges_that_take_place() {
    let output = support::output_of(&["wire"]);
    let printed = String::from_utf8(output.stdout).expect("the log is UTF-8");
    let mut printed = printed.lines().map(without_places_and_dates);
    let shown = shown_after("<!-- wire -->");
    let shown: Vec<_> = shown.lines().filter(|line| !["", "…"].contains(line)).collect();
    assert!(shown.len() > 40, "{shown:?}");
    for line in shown {
        let line = without_places_and_dates(line);
        assert!(printed.any(|other| other == line), "not printed, or not in this order: {line}");
    }
}

/// The check of a fleet as a reader would start it, on the port that the README names.
fn check_of(strategy: &str) -> String {
    let replica = |seen| {
        let seen = format!("--changes-seen={seen}");
        Served::start(&["replica", "--strategy", strategy, "--no-last-modified", &seen])
    };
    let replicas = [41, 18, 2].map(replica);
    let front = balancer(&replicas.each_ref().map(|replica| replica.address), &[]);
    let mut check = support::etag_lab();
    check.args(["check", &front.url(), "--rate=0"]).env("COLUMNS", "80");
    let output = check.output().expect("etag-lab starts");
    let text = String::from_utf8(output.stdout).expect("the result is UTF-8");
    text.replace(&front.address.to_string(), "127.0.0.1:9000")
}

/// With `REGENERATE` set, as `scripts/regenerate` does, it writes them instead.
#[test]
fn the_readme_shows_checks_of_a_broken_and_a_mended_fleet() {
    let shell = |strategy| {
        format!("$ etag-lab check http://127.0.0.1:9000/api/config\n{}", check_of(strategy))
    };
    let printed = [shell("per-process-counter"), shell("content-hash")].join("\n");
    if std::env::var_os("REGENERATE").is_some() {
        let path = support::workspace().join("README.md");
        let readme = std::fs::read_to_string(&path).expect("the project has a README");
        let old = format!("```text\n{}```", shown_after("<!-- check -->"));
        let new = readme.replace(&old, &format!("```text\n{printed}```"));
        std::fs::write(path, new).expect("the README can be written");
    }
    assert_eq!(shown_after("<!-- check -->"), printed);
}

#[test]
fn the_scenario_file_in_the_readme_is_one() {
    let readme = std::fs::read_to_string(support::workspace().join("README.md"));
    let readme = readme.expect("the project has a README");
    let (_, section) = readme.split_once("## A scenario file").expect("the README has the section");
    let block = section.split("```toml\n").nth(1).expect("the README shows a scenario");
    let scenario = block.split("```").next().unwrap_or_default();
    std::fs::write(support::home().join("my-case.toml"), scenario).expect("it can be written");
    let record = support::run_json(&["run", "my-case.toml", "--no-save"]);
    assert_eq!(record["expectations"].as_array().map(Vec::len), Some(1));
}

#[test]
fn every_file_that_the_readmes_point_to_exists() {
    for readme in [
        "README.md",
        "crates/README.md",
        "scenarios/README.md",
        "scenarios/RUNBOOK.md",
        "results/README.md",
    ] {
        let path = support::workspace().join(readme);
        let text = std::fs::read_to_string(&path).expect(readme);
        let folder = path.parent().unwrap_or(Path::new("."));
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            assert!(folder.join(link).exists(), "{readme} points to {link}");
        }
    }
}
