//! Nothing leaks: a credential that the program was given by whatever channel is in nothing that it
//! writes.

mod channels;
mod files;
mod given;

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{etag_lab, home, stdout};

/// A credential that only its place or its name gives away.
const CANARY: &str = "kanarienvogel";

/// Everything in the files of a folder, and their names.
fn written(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let of = |path: std::path::PathBuf| {
        let content = match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) => written(&path),
        };
        format!("{}\n{content}\n", path.display())
    };
    paths.map(of).collect()
}

/// Output of a command.
fn printed(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|stream| String::from_utf8_lossy(stream)).join("\n")
}

/// The program with these words, of which the first may set variables.
fn etag_lab_with(words: impl Iterator<Item = String>) -> Command {
    let sets = |word: &String| {
        let name = word.split('=').next().unwrap_or_default();
        name.to_ascii_lowercase().ends_with("_proxy")
    };
    let (variables, args): (Vec<_>, Vec<_>) = words.partition(sets);
    let variables = variables.iter().filter_map(|variable| variable.split_once('='));
    let mut command = etag_lab();
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_ascii_uppercase());
    }
    command.args(args).envs(variables);
    command
}

/// Every format of a saved run and of its comparison with itself.
fn rendered(record: &Path) -> String {
    let record = record.display().to_string();
    let mut all = String::new();
    for format in report::catalogue::FORMATS {
        for args in [&["report", &record][..], &["compare", &record, &record]] {
            let output = etag_lab().args(args).args(["--format", format.name]).output();
            all.push_str(stdout(&output.expect("etag-lab starts")));
        }
    }
    all
}

/// The runs that were saved.
fn records() -> Vec<std::path::PathBuf> {
    let folder = std::fs::read_dir(home().join("results/runs"));
    let paths = folder.into_iter().flatten().map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|it| it == "json")).collect()
}
