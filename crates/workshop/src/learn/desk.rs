//! The learner's folder: one subfolder for each exercise that was begun.
//!
//! What the learner has written is never overwritten: a reset keeps it beside the new file.

use std::path::{Path, PathBuf};

use crate::learn::LearnError;
use crate::learn::exercise::Exercise;

/// Most bytes of the file that is to be mended.
const LARGEST: u64 = 1 << 20;

/// Folder of an exercise below the working folder.
pub(crate) fn folder(home: &Path, exercise: &Exercise) -> PathBuf {
    home.join(&exercise.name)
}

/// Path of the file to mend.
pub(crate) fn file(home: &Path, exercise: &Exercise) -> PathBuf {
    folder(home, exercise).join(&exercise.about.file)
}

/// Writes the files of an exercise that are not there; returns whether there were any.
pub(crate) fn begin(home: &Path, exercise: &Exercise) -> Result<bool, LearnError> {
    let folder = folder(home, exercise);
    std::fs::create_dir_all(&folder).map_err(|error| LearnError::file(&folder, error))?;
    let mut is_new = false;
    for (name, text) in &exercise.files {
        let path = folder.join(name);
        if path.symlink_metadata().is_err() {
            write(&path, text)?;
            is_new = true;
        }
    }
    Ok(is_new)
}

/// Writes the broken file anew, and keeps what was there; returns the path of that.
pub(crate) fn reset(home: &Path, exercise: &Exercise) -> Result<Option<PathBuf>, LearnError> {
    let path = file(home, exercise);
    let broken = exercise.text(&exercise.about.file);
    let mut kept = None;
    if let Ok(mine) = read(home, exercise)
        && mine != broken
    {
        let beside = path.with_file_name(format!("before-reset-{}", exercise.about.file));
        write(&beside, &mine)?;
        kept = Some(beside);
    }
    begin(home, exercise)?;
    write(&path, broken)?;
    Ok(kept)
}

/// The file to mend as it is now.
pub(crate) fn read(home: &Path, exercise: &Exercise) -> Result<String, LearnError> {
    let path = file(home, exercise);
    let bytes = system::file::read(&path, LARGEST)?;
    String::from_utf8(bytes).map_err(|_| LearnError::file(&path, "it is not UTF-8 text"))
}

/// Writes the solution beside the learner's file; returns its path.
pub(crate) fn give_solution(home: &Path, exercise: &Exercise) -> Result<PathBuf, LearnError> {
    let path = folder(home, exercise).join(exercise.solution_name());
    write(&path, &exercise.solution)?;
    Ok(path)
}

/// Writes a file in one step, so that an editor never sees half of it.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), LearnError> {
    Ok(harness::write_atomically(path, text.as_bytes())?)
}
