//! Pipes, colour, and readers that stop reading.

use crate::support::{assert_code, ended, etag_lab, stderr, stdout};

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    for args in [
        &["list"][..],
        &["man"],
        &["schema"],
        &["completions", "bash"],
        &["--help"],
        &["run", "--polls=2", "--no-changes", "--no-save", "--set", "expect=[]"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = etag_lab().args(args).stdout(writer).output().expect("etag-lab starts");
        assert_code(&output, 0);
        assert!(!stderr(&output).contains("error"), "{args:?}: {}", stderr(&output));
    }
}

#[test]
fn a_reader_that_stops_reading_does_not_hide_a_failure() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = etag_lab()
        .args(["run", "--polls=2", "--no-save", "--fail-if", "before.polls > 0"])
        .stdout(writer)
        .output()
        .expect("etag-lab starts");
    assert_code(&output, 1);
}

#[test]
fn colour_comes_when_asked_for_and_never_into_a_pipe_on_its_own() {
    let coloured = |args: &[&str], no_color: bool| {
        let mut command = etag_lab();
        if !no_color {
            command.env_remove("NO_COLOR").env("TERM", "xterm-256color");
        }
        let output = command.args(args).output().expect("etag-lab starts");
        assert_code(&output, 0);
        stdout(&output).contains('\u{1b}')
    };
    for no_color in [false, true] {
        assert!(!coloured(&["list"], no_color), "a pipe");
        assert!(!coloured(&["list", "--color", "never"], no_color));
        assert!(coloured(&["list", "--color", "always"], no_color), "what is asked for wins");
    }
}

#[test]
fn a_file_never_gets_colour() {
    let path = crate::support::home().join("table.txt");
    ended(&["run", "--polls=2", "--no-save", "--color=always", "-o", "table.txt"], 0);
    let table = std::fs::read_to_string(path).expect("there is a table");
    assert!(!table.contains('\u{1b}'), "{table}");
}
