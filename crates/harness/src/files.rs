//! Files that others read while the lab writes them, records of runs among them: replaced in one
//! step, never seen half written.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use measure::record::RunRecord;
use system::replace::{Replacement, create_private, remove_stale, replace};
use text::secret::without_query_values;
use thiserror::Error;

/// A file or folder that cannot be written.
#[derive(Debug, Error)]
#[error("cannot write `{}`: {error}", path.display())]
pub struct WriteError {
    path: PathBuf,
    error: io::Error,
}

impl WriteError {
    /// Makes the error about this path out of its cause.
    pub(crate) fn of(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self { path: path.to_owned(), error }
    }
}

/// Reports an error if no file can be made in this folder, which is made when the first one is.
///
/// Leaves nothing behind.
pub fn check_folder(folder: &Path) -> Result<(), WriteError> {
    let is_there = |it: &&Path| it.symlink_metadata().is_ok();
    let there = folder.ancestors().find(is_there).unwrap_or(Path::new("."));
    try_in(there).map_err(WriteError::of(folder))
}

/// The same for a file in a folder that is there.
pub fn check_file(path: &Path) -> Result<(), WriteError> {
    try_in(folder_of(path)).map_err(WriteError::of(path))
}

fn try_in(folder: &Path) -> io::Result<()> {
    system::replace::check_folder(folder)
}

fn folder_of(path: &Path) -> &Path {
    // `file` alone has the empty path as its parent, which is the current folder.
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Replaces `path` by a file with this content; writes it to what is no file, such as a pipe.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    let failed = WriteError::of(path);
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return std::fs::write(path, content).map_err(failed);
    }
    remove_stale(path);
    let written = replace(path, content, Replacement { durable: true, modified: None });
    written.map_err(|error| failed(io::Error::other(error.reason())))
}

/// Replaces `path` by a file that `write` makes, dated `modified`, as a deploy does.
pub(crate) fn deploy(
    path: &Path,
    modified: SystemTime,
    write: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), WriteError> {
    let fresh = path.with_extension("new");
    let put = || {
        write(&fresh)?;
        File::options().write(true).open(&fresh)?.set_modified(modified)?;
        std::fs::rename(&fresh, path)
    };
    put().map_err(WriteError::of(path))
}

/// Writes `record` to a new file in `directory`, which is made if need be, and the logs beside
/// it; returns the record's path.
///
/// The name is made of start and scenario; an existing file is never replaced. The files are the
/// user's alone: what was measured, and what a program printed, may be about a private service.
pub fn keep(
    record: &RunRecord,
    logs: &[(String, PathBuf)],
    directory: &Path,
) -> Result<PathBuf, WriteError> {
    std::fs::create_dir_all(directory).map_err(WriteError::of(directory))?;
    remove_stale(&directory.join("run"));
    let mut text = serde_json::to_string_pretty(record).expect("a record is plain data");
    text.push('\n');
    // Two runs may start in the same second.
    let stem = stem(record);
    let mut attempt = 1_u32;
    let (path, stem) = loop {
        let stem = if attempt == 1 { stem.clone() } else { format!("{stem}-{attempt}") };
        let path = directory.join(format!("{stem}.json"));
        match create_private(&path, &mut text.as_bytes()) {
            Ok(()) => break (path, stem),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => attempt += 1,
            Err(error) => return Err(WriteError::of(&path)(error)),
        }
    };
    for (name, log) in logs {
        let kept = directory.join(format!("{stem}.{name}"));
        let copied = File::open(log).and_then(|mut log| create_private(&kept, &mut log));
        copied.map_err(WriteError::of(&kept))?;
    }
    Ok(path)
}

/// `2026-11-21T03-05-16Z-all-200s`, whatever characters the scenario's name has.
fn stem(record: &RunRecord) -> String {
    let name = without_query_values(&record.scenario.name);
    let name = name.split(|c: char| !c.is_ascii_alphanumeric());
    let name: Vec<_> = name.filter(|word| !word.is_empty()).collect();
    let name: String = name.join("-").chars().take(60).collect();
    format!("{}-{name}", record.started.replace(':', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_tried_without_a_trace() -> io::Result<()> {
        let home = tempfile::tempdir()?;
        let file = home.path().join("file");
        File::create(&file)?;
        assert!(check_folder(&home.path().join("new/runs")).is_ok());
        assert!(check_folder(&file.join("runs")).is_err());
        assert_eq!(std::fs::read_dir(home.path())?.count(), 1);
        Ok(())
    }
}
