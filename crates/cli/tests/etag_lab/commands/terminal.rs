//! On a terminal: its width and its colours. A pseudo-terminal stands in for it.

use std::io::Read as _;
use std::process::Stdio;

use crate::support::etag_lab;
use crate::support::terminal::terminal;

/// Output of the program on a terminal of so many columns.
fn on_terminal(columns: u16, args: &[&str], environment: &[(&str, &str)]) -> String {
    let (mut screen, terminal) = terminal(columns);
    let mut command = etag_lab();
    command.args(args).env_remove("NO_COLOR").env_remove("COLUMNS").env("TERM", "xterm");
    command.envs(environment.iter().copied()).stdout(terminal).stderr(Stdio::null());
    let mut child = command.spawn().expect("etag-lab starts");
    // The command holds the terminal too: as long as it does, the screen does not end.
    drop(command);
    let mut shown = Vec::new();
    // Reading always ends with an error.
    let _ = screen.read_to_end(&mut shown);
    assert!(child.wait().expect("it ends").success());
    String::from_utf8(shown).expect("UTF-8").replace("\r\n", "\n")
}

/// The text without SGR sequences.
fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[test]
fn lines_are_as_long_as_the_terminal_is_wide() {
    for columns in [60, 120] {
        let text = without_colour(&on_terminal(columns, &["list"], &[]));
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(longest <= columns.into() && longest > usize::from(columns) - 20, "{longest}");
    }
}

#[test]
fn a_terminal_is_coloured_unless_somebody_objects() {
    let args = ["run", "--polls=2", "--no-changes", "--no-save"];
    assert!(on_terminal(80, &args, &[]).contains("\u{1b}["));
    for objection in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let text = on_terminal(80, &args, &[objection]);
        assert!(!text.contains('\u{1b}'), "{objection:?}: {text}");
    }
    let text = on_terminal(80, &[&args[..], &["--color", "never"]].concat(), &[]);
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn colour_changes_nothing_but_the_colour() {
    let args = ["run", "--polls=2", "--no-changes", "--no-save"];
    let coloured = super::steady(&without_colour(&on_terminal(80, &args, &[])));
    let plain = super::steady(&on_terminal(80, &args, &[("NO_COLOR", "1")]));
    for (coloured, plain) in coloured.lines().zip(plain.lines()) {
        assert_eq!(coloured, plain);
    }
    assert_eq!(coloured.lines().count(), plain.lines().count());
}
