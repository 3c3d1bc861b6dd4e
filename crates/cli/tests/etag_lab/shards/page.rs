//! The commands of scenarios/SCALE.md, run by a shell: with addresses of this machine for those of hosts, a
//! shorter interval, and for a cluster what kubectl does without one.

use std::process::Command;

use crate::support::served::{Served, free_address};
use crate::support::{at_home, etag_lab, require, stderr, stdout, workspace};

/// The commands below `<!-- name -->`, one a line.
fn block(name: &str) -> Vec<String> {
    let page = std::fs::read_to_string(workspace().join("scenarios/SCALE.md")).expect("a page");
    let marker = format!("<!-- {name} -->\n```sh\n");
    let (_, after) = page.split_once(&marker).unwrap_or_else(|| panic!("no block {name}"));
    let text = after.split("```").next().unwrap_or_default().replace("\\\n", "");
    text.lines().map(str::to_owned).collect()
}

/// What a script prints in which `etag-lab` is this program.
fn run(lines: &[String]) -> String {
    let folder =
        std::path::Path::new(etag_lab().get_program()).parent().expect("a folder").to_owned();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command: Command = at_home("sh");
    command.args(["-eu", "-c", &lines.join("\n")]);
    let output = command.env("PATH", format!("{}:{path}", folder.display())).output();
    let output = output.expect("sh starts");
    assert!(output.status.success(), "{lines:?}: {}", stderr(&output));
    stdout(&output).to_owned()
}

#[test]
fn one_machine_plays_a_run_with_several_processes() {
    let lines = block("laptop");
    assert_eq!(lines.len(), 1);
    let printed = run(&lines);
    assert!(printed.contains("304 rate 100.0 % (1-replica)"), "{printed}");
    assert!(printed.contains("round trips 6,000"), "as many polls as clients make: {printed}");
}

#[test]
fn several_hosts_play_parts_that_merge_adds_up() {
    let replica = Served::start(&["replica"]);
    let barrier = free_address().to_string();
    let here = |line: &String| {
        line.replace("10.0.0.9", &replica.address.to_string())
            .replace("10.0.0.1:9100", &barrier)
            .replace("30s", "300ms")
    };
    let mut lines: Vec<_> = block("hosts").iter().map(here).collect();
    // Each host has a shell of its own, and the comment ends a line.
    for line in &mut lines[..2] {
        let command = line.split(" #").next().unwrap_or_default();
        *line = format!("{command} &");
    }
    lines.insert(2, "wait".to_owned());
    let printed = run(&lines);
    assert!(printed.contains("300 clients × 20 polls"), "{printed}");
    assert!(printed.contains("100.0 %  5,700/5,700"), "{printed}");
}

#[test]
fn kubernetes_gets_manifests_that_there_are_and_jobs_that_are_named_so() {
    let (Some(_), lines) = (require("kubectl"), block("kubernetes")) else { return };
    let [fleet, load, wait, logs] = lines.as_slice() else { panic!("{lines:?}") };
    let root = workspace().display();
    for line in [fleet, load] {
        let line = line.replace("apply -k ", &format!("kustomize {root}/"));
        assert!(run(&[line]).contains("kind: Namespace"));
    }
    let line = load.replace("apply -k ", &format!("kustomize {root}/"));
    let manifest = run(&[line]);
    assert!(manifest.contains("kind: Job") && manifest.contains("  name: load\n"));
    assert!(wait.contains("job/load") && logs.contains("job-name=load"));
    // What becomes of the logs is played in another test.
    assert!(logs.ends_with("| etag-lab merge -"));
}

#[test]
fn the_model_plays_any_population() {
    let lines = block("model");
    let [population, fleets, bill] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(run(std::slice::from_ref(population)).contains("1,000,000,000 clients"));
    assert!(run(std::slice::from_ref(fleets)).contains("20"));
    let printed = run(std::slice::from_ref(bill));
    assert!(printed.contains("month"), "{printed}");
}
