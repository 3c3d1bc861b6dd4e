//! A new exercise for a trainer's own set: small, and sound as it is.

use std::path::{Path, PathBuf};

use crate::learn::LearnError;
use crate::learn::desk::write;
use crate::learn::exercise::{DESCRIPTION, SOLUTION, TASK};

const ABOUT: &str = include_str!("template/exercise.toml");
const TASK_TEXT: &str = include_str!("template/task.md");
const FLEET: &str = include_str!("template/fleet.toml");

/// Longest name.
const LONGEST: usize = 40;

/// Makes the folder of a new exercise below `home`; returns its path. What is there stays.
pub fn new(home: &Path, name: &str) -> Result<PathBuf, LearnError> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_name = !name.is_empty()
        && name.len() <= LONGEST
        && name.chars().all(is_plain)
        && !name.starts_with('-');
    if !is_name {
        return Err(LearnError::Name(text::excerpt(name)));
    }
    let folder = home.join(name);
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            LearnError::file(&folder, "it is there already\n  = help: choose another name")
        }
        _ => LearnError::file(&folder, error),
    };
    std::fs::create_dir(&folder).map_err(failed)?;
    std::fs::create_dir(folder.join(SOLUTION)).map_err(failed)?;
    write(&folder.join(DESCRIPTION), ABOUT)?;
    write(&folder.join(TASK), TASK_TEXT)?;
    write(&folder.join("fleet.toml"), FLEET)?;
    let solved = FLEET.replace("\"start-time\"", "\"content-hash\"");
    write(&folder.join(SOLUTION).join("fleet.toml"), &solved)?;
    Ok(folder)
}
