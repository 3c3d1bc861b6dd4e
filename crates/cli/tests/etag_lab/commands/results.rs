//! Destinations of results: standard output, `-o`, the folder of saved runs.

use std::path::Path;

use crate::support::{assert_code, ended, etag_lab, home, stderr, stdout};

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
fn nothing_is_saved_when_nothing_shall_be() {
    let output = small(&["--no-save"]);
    assert_code(&output, 0);
    assert_eq!(names(&home()), [""; 0]);
    assert!(!stderr(&output).contains("saved"), "{}", stderr(&output));
}

#[test]
fn a_run_that_cannot_be_saved_is_shown_all_the_same() {
    std::fs::write(home().join("results"), "in the way").expect("written");
    let output = small(&[]);
    assert_code(&output, 3);
    assert!(stdout(&output).contains("304 rate"), "{}", stdout(&output));
    let errors: Vec<_> =
        stderr(&output).lines().skip_while(|line| !line.starts_with("error")).collect();
    assert_eq!(
        errors,
        [
            "error: cannot write `results/runs`: Not a directory (os error 20)",
            "  = help: choose another folder by --results, or --no-save"
        ]
    );
}

#[test]
fn standard_output_is_the_result_and_nothing_else() {
    let output = ended(&["run", "--polls=2", "--format", "csv"], 0);
    let rows: Vec<_> = stdout(&output).lines().collect();
    assert_eq!(rows.len(), 3, "a head and one row for each arm");
    let columns = |row: &&str| row.split(',').count();
    assert!(rows.iter().all(|row| columns(row) == columns(&rows[0])), "{rows:?}");
}
