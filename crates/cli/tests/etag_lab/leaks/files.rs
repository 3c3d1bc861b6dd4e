//! Names of saved files, and the command that is printed to be pasted.

use std::process::Command;

use super::records;
use crate::support::served::Served;
use crate::support::{ended, home, stderr};

#[test]
fn the_command_to_paste_names_the_file_that_was_saved() {
    let replica = Served::start(&["replica"]);
    let long = format!("{}?page=2&q={}", replica.url(), "long-query".repeat(30));
    for folder in ["results", "it's my folder", "tab\there"] {
        let output = ended(&["poll", &long, "--polls=2", "--results", folder], 0);
        let said = stderr(&output);
        let command = said.lines().find_map(|line| line.strip_prefix("paste it: etag-lab "));
        let command = command.expect("there is a command to paste");
        assert!(!command.contains(|c: char| c.is_control()), "{command:?}");
        // `$'…'` is not in every `sh`.
        let line = format!("'{}' {command}", env!("CARGO_BIN_EXE_etag-lab"));
        let pasted = Command::new("bash").args(["-c", &line]).current_dir(home()).output();
        let pasted = pasted.expect("bash runs");
        assert!(pasted.status.success(), "{command}\n{}", stderr(&pasted));
    }
    let name = records()[0].file_name().expect("a name").to_string_lossy().into_owned();
    assert!(name.len() <= 100 && !name.contains("long-query"), "{name}");
}
