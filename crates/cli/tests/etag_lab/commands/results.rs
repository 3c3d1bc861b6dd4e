//! Destinations of results: standard output, `-o`, the folder of saved runs.

use std::path::Path;
use std::process::Command;

use crate::support::{
    assert_code, ended, etag_lab, home, require, results, stderr, stdout, workspace,
};

const SMALL: [&str; 4] = ["run", "--polls=2", "--clients=2", "--no-changes"];

fn small(args: &[&str]) -> std::process::Output {
    etag_lab().args(SMALL).args(args).output().expect("etag-lab starts")
}

/// Names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("an entry").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
}

#[test]
fn output_to_a_file_replaces_it_whole_and_leaves_standard_output_alone() {
    std::fs::write(home().join("table.md"), "old ".repeat(10_000)).expect("written");
    let output = small(&["--format", "markdown", "-o", "table.md", "--no-save"]);
    assert_code(&output, 0);
    assert_eq!(stdout(&output), "");
    let table = std::fs::read_to_string(home().join("table.md")).expect("there is a table");
    assert!(table.starts_with("### etag-lab ") && !table.contains("old old"), "{table}");
    assert_eq!(names(&home()), ["table.md"], "no temporary file stays, no run is saved");
}

#[test]
fn a_result_that_has_no_place_is_refused_before_anything_runs() {
    for (file, reason) in [("no-folder/t.md", "there is no folder `no-folder`"), (".", "a folder")]
    {
        let output = small(&["-o", file]);
        assert_code(&output, 3);
        assert!(stderr(&output).contains(reason), "{}", stderr(&output));
        assert!(stderr(&output).contains("= help: "), "{}", stderr(&output));
        assert_eq!(names(&home()), [""; 0]);
    }
}

#[test]
fn runs_are_saved_in_the_folder_that_is_asked_for_and_none_replaces_another() {
    for _ in 0..3 {
        assert_code(&small(&["--results", "kept/here"]), 0);
    }
    assert_eq!(names(&home()), ["kept"]);
    let saved = names(&home().join("kept/here/runs"));
    assert_eq!(saved.len(), 3, "{saved:?}");
    let named =
        |name: &String| name.contains("-all-200s") && name.split('.').next_back() == Some("json");
    assert!(saved.iter().all(named), "{saved:?}");
}

#[test]
fn a_hyphen_in_place_of_a_file_is_standard_output() {
    let output = small(&["--no-save", "--output", "-"]);
    assert_code(&output, 0);
    assert!(stdout(&output).contains("304 rate"), "{}", stdout(&output));
    assert_eq!(names(&home()), [""; 0]);
}

#[test]
fn a_folder_for_runs_is_not_made_unasked() {
    let output = small(&[]);
    assert_code(&output, 0);
    assert_eq!(names(&home()), [""; 0]);
    let line = "not saved: there is no folder `results` here, and no --results DIR was given";
    assert!(stderr(&output).contains(line), "{}", stderr(&output));
    results();
    assert_code(&small(&[]), 0);
    assert_eq!(names(&home().join("results/runs")).len(), 1);
}

#[test]
fn nothing_is_saved_when_nothing_shall_be() {
    let output = small(&["--no-save"]);
    assert_code(&output, 0);
    assert_eq!(names(&home()), [""; 0]);
    assert!(!stderr(&output).contains("saved"), "{}", stderr(&output));
}

#[test]
fn a_run_that_cannot_be_saved_is_refused_before_it_begins() {
    std::fs::write(home().join("results"), "in the way").expect("written");
    for command in [&SMALL[..], &["poll", "http://127.0.0.1:9/"]] {
        let output = etag_lab().args(command).output().expect("etag-lab starts");
        assert_code(&output, 3);
        assert_eq!(stdout(&output), "");
        assert_eq!(
            stderr(&output),
            "error: cannot write `results/runs`: Not a directory (os error 20)\n  \
             = help: choose another folder by --results, or --no-save\n"
        );
    }
}

#[test]
fn a_run_that_can_no_longer_be_saved_is_shown_all_the_same() {
    let Some(_) = require("python3") else { return };
    let server = workspace().join("scenarios/replicas/content_tag.py");
    // It has begun when its replicas put a file in the way.
    results();
    let command = format!("rmdir results; touch results; exec python3 '{}'", server.display());
    let output = small(&["--replica-command", &command]);
    assert_code(&output, 3);
    assert!(stdout(&output).contains("304 rate"), "{}", stdout(&output));
    let said = stderr(&output);
    assert!(said.contains("error: cannot write `results/runs`"), "{said}");
    assert!(said.contains("= help: choose another folder by --results, or --no-save"), "{said}");
}

#[test]
fn a_check_whose_result_has_no_place_makes_no_request() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("it has an address"));
    let output = ended(&["check", &url, "-o", "no-folder/check.json"], 3);
    assert!(stderr(&output).contains("there is no folder `no-folder`"), "{}", stderr(&output));
    listener.set_nonblocking(true).expect("it is a socket");
    assert!(listener.accept().is_err(), "somebody connected");
}

#[test]
fn a_result_for_a_pipe_is_written_to_it_and_leaves_it_there() {
    let pipe = home().join("pipe");
    let Some(mkfifo) = require("mkfifo") else { return };
    assert!(Command::new(mkfifo).arg(&pipe).status().expect("mkfifo starts").success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).expect("it can be read")
    });
    assert_code(&small(&["--no-save", "-o", "pipe"]), 0);
    assert!(reader.join().expect("it reads").contains("304 rate"));
    assert!(!std::fs::metadata(pipe).expect("it is still there").is_file());
}

#[test]
fn standard_output_is_the_result_and_nothing_else() {
    let output = ended(&["run", "--polls=2", "--format", "csv"], 0);
    let rows: Vec<_> = stdout(&output).lines().collect();
    assert_eq!(rows.len(), 3, "a head and one row for each arm");
    let columns = |row: &&str| row.split(',').count();
    assert!(rows.iter().all(|row| columns(row) == columns(&rows[0])), "{rows:?}");
}
