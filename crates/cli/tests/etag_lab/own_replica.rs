//! A program of somebody else as the replica: what the lab shows of it, what it says when that
//! program fails, and that nothing of it outlives the lab.
#![cfg(target_os = "linux")]

use std::path::PathBuf;

use crate::support::process::{PATIENCE, Process, Running, assert_gone_within_a_second};
use crate::support::{
    etag_lab, eventually, home, json_of, require, results, run_json, stderr, workspace,
};

/// A shell command that serves with Python as a child of the shell, not in its place. `mark` tells
/// its processes from those of every other test.
fn served_by_a_child(mark: &str) -> String {
    let server = workspace().join("scenarios/replicas/content_tag.py");
    format!("python3 '{}' {mark} & wait", server.display())
}

/// A text that no other process on this machine has among its arguments.
fn mark() -> String {
    let home = home();
    home.file_name().expect("a folder has a name").to_string_lossy().into_owned()
}

/// The folder with the saved runs of this test.
fn saved_runs() -> Vec<PathBuf> {
    let Ok(folder) = std::fs::read_dir(home().join("results/runs")) else { return Vec::new() };
    folder.map(|entry| entry.expect("the folder can be read").path()).collect()
}

#[test]
fn a_python_server_with_a_start_time_tag_shows_the_bug_and_its_fixed_twin_does_not() {
    let Some(_) = require("python3") else { return };
    // Its programs lie beside it, wherever it is run from.
    let output = etag_lab()
        .arg("run")
        .arg(workspace().join("scenarios/replicas/own-replica.toml"))
        .args(["--no-save", "--format", "json"])
        .output()
        .expect("etag-lab starts");
    assert!(output.status.success(), "{}", stderr(&output));
    let record = json_of(&output);
    let arm = |index: usize| &record["arms"][index];
    let ratio = |index| arm(index)["not_modified_ratio"].as_f64();
    assert_eq!((ratio(0), ratio(1)), (Some(0.0), Some(1.0)));
    let tags = |index: usize| arm(index)["tags_for_same_content"].as_u64();
    assert_eq!((tags(0), tags(1)), (Some(3), Some(1)));
    // A 304 of a program that does not declare what it holds is not called correct.
    let verdicts = |index: usize, verdict: &str| arm(index)["verdicts"][verdict].as_u64();
    assert_eq!(verdicts(0, "needless_transfer"), Some(490));
    assert_eq!(verdicts(1, "unverifiable"), Some(490));
    assert_eq!(verdicts(1, "validated"), Some(0));
    assert!(record["expectations"].as_array().is_some_and(|all| {
        all.len() == 2 && all.iter().all(|expectation| expectation["passed"] == true)
    }));
}

#[test]
fn a_log_of_each_replica_is_kept_beside_the_saved_run() {
    let Some(_) = require("python3") else { return };
    let command = served_by_a_child(&mark());
    results();
    let output = run_json(&["run", "--polls", "2", "--no-changes", "--replica-command", &command]);
    let saved = saved_runs();
    let record = saved.iter().find(|path| path.extension().is_some_and(|end| end == "json"));
    let record = record.expect("the run was saved");
    let arm = output["arms"][0]["name"].as_str().expect("an arm has a name");
    for replica in 1..=3 {
        let log = record.with_extension(format!("{arm}-replica-{replica}.log"));
        let text = std::fs::read_to_string(&log);
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", log.display()));
        // One line a request is what this server logs.
        assert!(text.contains("GET /api/config"), "{}: {text}", log.display());
    }
    assert_eq!(saved.len(), 1 + 3, "{saved:?}");
}

/// Runs `command` as three replicas, which must fail, and returns what was said.
fn failure_of(command: &str) -> String {
    let output = etag_lab().args(["run", "--replica-command", command]).output();
    let output = output.expect("etag-lab starts");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(output.stdout.is_empty(), "nothing was measured");
    assert!(saved_runs().is_empty(), "nothing was measured");
    said.to_owned()
}

#[test]
fn a_program_that_dies_at_once_is_named_with_its_status_and_its_last_lines() {
    let said = failure_of("echo starting; echo 'no database at db:5432' >&2; exit 7");
    let parts = ["replica r1 ended", "exit status: 7", "starting", "no database at db:5432"];
    for part in parts.into_iter().chain(["on the port in PORT"]) {
        assert!(said.contains(part), "no `{part}` in:\n{said}");
    }
}

#[test]
fn only_the_last_lines_are_shown_and_nothing_of_them_reaches_the_terminal_as_a_command() {
    let said = failure_of("seq -f 'line %g.' 1 20; printf 'red: \\033[31m\\n'; exit 1");
    assert!(said.contains("line 20.") && !said.contains("line 10."), "{said}");
    assert!(said.contains("red: ") && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn what_a_program_prints_cannot_reverse_the_line_that_quotes_it() {
    let said = failure_of(r#"printf "abc\342\200\256gnp\n"; exit 7"#);
    assert!(said.contains(r"abc\u{202e}gnp") && !said.contains('\u{202e}'), "{said}");
}

#[test]
fn a_program_that_ends_without_ever_listening_is_not_waited_for() {
    let said = failure_of("sleep 0.2");
    assert!(said.contains("replica r1 ended"), "{said}");
    assert!(said.contains("exit status: 0") && said.contains("without output"), "{said}");
}

#[test]
fn when_one_replica_fails_the_others_are_ended_too() {
    let Some(_) = require("python3") else { return };
    let mark = mark();
    let said = failure_of(&format!(
        "if [ $REPLICA = 3 ]; then echo 'third of '$REPLICAS; exit 1; fi; {}",
        served_by_a_child(&mark)
    ));
    assert!(said.contains("replica r3 ended") && said.contains("third of 3"), "{said}");
    assert_gone_within_a_second(&Process::with_argument(&mark));
}

#[test]
fn no_process_of_the_program_is_left_after_the_run() {
    let Some(_) = require("python3") else { return };
    let mark = mark();
    let command = served_by_a_child(&mark);
    let record = run_json(&["run", "--polls", "3", "--no-changes", "--replica-command", &command]);
    assert_eq!(Process::with_argument(&mark), []);
    assert_eq!(record["arms"][0]["polls"], 30);
    assert_eq!(record["arms"][0]["verdicts"]["error"], 0);
}

#[test]
fn no_process_of_the_program_is_left_one_second_after_kill_9_of_the_lab() {
    let Some(_) = require("python3") else { return };
    let mark = mark();
    // One poll a minute: the run is under way until it is killed.
    let mut lab = Running::start(
        etag_lab()
            .args(["run", "--cadence", "open-loop", "--interval", "1min", "--no-changes"])
            .args(["--replica-command", &served_by_a_child(&mark)]),
    );
    // For each replica a guard, its shell, and the shell's child.
    let family = eventually("three replicas of three processes", PATIENCE, || {
        assert_eq!(lab.ended(), None, "it ended early:\n{}", lab.stderr());
        Some(lab.descendants()).filter(|family| family.len() == 9)
    });
    lab.signal(rustix::process::Signal::KILL);
    assert_gone_within_a_second(&family);
    assert_eq!(Process::with_argument(&mark), []);
}
