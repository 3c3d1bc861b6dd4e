//! `etag-lab learn` as participants and trainers use it, with a terminal and without.

mod alone;
mod sets;
#[cfg(target_os = "linux")]
mod terminal;

use std::path::PathBuf;

use crate::support::home;

/// The state beside the exercises.
const STATE: &str = ".etag-lab-learn.json";

/// Path of a file of an exercise in the working folder of this test.
fn file(path: &str) -> PathBuf {
    home().join(path)
}

/// Replaces a part of such a file.
fn change(path: &str, old: &str, new: &str) {
    let text = std::fs::read_to_string(file(path)).expect("it is there");
    assert!(text.contains(old), "{text}");
    std::fs::write(file(path), text.replace(old, new)).expect("it can be written");
}
