//! Files that others read while the lab writes them, records of runs among them: replaced in one
//! step, never seen half written.

use std::fs::{DirEntry, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use measure::record::RunRecord;
use tempfile::NamedTempFile;
use text::secret::without_query_values;
use thiserror::Error;

/// Beginning of the names of files that are not complete.
const UNFINISHED: &str = ".etag-lab-";
/// Limit for the time between the moment at which such a file is made and that at which it is
/// locked.
const UNLOCKED: Duration = Duration::from_secs(1);

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

/// Mode of results that were asked for in a file, as of any file that a program writes; the umask
/// has the last word.
const FOR_OTHERS: u32 = 0o666;
const FOR_THE_USER: u32 = 0o600;

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
    tempfile::tempfile_in(folder).map(drop).map_err(without_path)
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
    let file = temporary_beside(path, content, FOR_OTHERS).map_err(&failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
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
    let mut text = serde_json::to_string_pretty(record).expect("a record is plain data");
    text.push('\n');
    // Two runs may start in the same second.
    let stem = stem(record);
    let mut attempt = 1_u32;
    let (path, stem) = loop {
        let stem = if attempt == 1 { stem.clone() } else { format!("{stem}-{attempt}") };
        let path = directory.join(format!("{stem}.json"));
        let written = temporary_beside(&path, text.as_bytes(), FOR_THE_USER)
            .and_then(|file| file.persist_noclobber(&path).map_err(|error| error.error));
        match written {
            Ok(_) => break (path, stem),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => attempt += 1,
            Err(error) => return Err(WriteError::of(&path)(error)),
        }
    };
    for (name, log) in logs {
        let kept = directory.join(format!("{stem}.{name}"));
        copy_privately(log, &kept).map_err(WriteError::of(&kept))?;
    }
    Ok(path)
}

fn copy_privately(from: &Path, to: &Path) -> io::Result<()> {
    let mut kept = temporary_beside(to, &[], FOR_THE_USER)?;
    io::copy(&mut std::fs::File::open(from)?, &mut kept)?;
    kept.persist(to).map(drop).map_err(|error| error.error)
}

/// `2026-11-21T03-05-16Z-all-200s`, whatever characters the scenario's name has.
fn stem(record: &RunRecord) -> String {
    let name = without_query_values(&record.scenario.name);
    let name = name.split(|c: char| !c.is_ascii_alphanumeric());
    let name: Vec<_> = name.filter(|word| !word.is_empty()).collect();
    let name: String = name.join("-").chars().take(60).collect();
    format!("{}-{name}", record.started.replace(':', "-"))
}

/// A file with this content in the folder of `path`, to be given that name.
fn temporary_beside(path: &Path, content: &[u8], mode: u32) -> io::Result<NamedTempFile> {
    let directory = folder_of(path);
    remove_unfinished(directory);
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    builder.permissions(std::fs::Permissions::from_mode(mode));
    let mut file = builder.tempfile_in(directory).map_err(without_path)?;
    // As long as it is locked it is no remains. Where it cannot be, its age has to do.
    let _ = file.as_file().try_lock();
    file.write_all(content)?;
    // A rename may reach the disk before the content does.
    file.as_file().sync_all()?;
    Ok(file)
}

/// Removes what saves in this folder left behind when they were killed.
fn remove_unfinished(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) && is_remains(&entry) {
            // An error means that somebody else was faster.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn is_remains(entry: &DirEntry) -> bool {
    // Not that of a link.
    let Ok(there) = entry.metadata() else { return false };
    let age = there.modified().ok().and_then(|modified| modified.elapsed().ok());
    there.is_file()
        && there.uid() == rustix::process::geteuid().as_raw()
        && age.is_some_and(|age| age > UNLOCKED)
        && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
}

/// The error itself: `tempfile` adds the name of a file that nobody asked for.
fn without_path(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(std::error::Error::source);
    let code = inner.and_then(|inner| inner.downcast_ref::<io::Error>()?.raw_os_error());
    code.map_or(error, io::Error::from_raw_os_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remains_of_a_killed_save_go_and_a_save_under_way_stays() -> io::Result<()> {
        let home = tempfile::tempdir()?;
        let long_ago = SystemTime::now() - Duration::from_secs(60);
        let unfinished = |name: &str| {
            let path = home.path().join(name);
            let file = File::create(&path)?;
            file.set_modified(long_ago)?;
            io::Result::Ok((path, file))
        };
        let (remains, _) = unfinished(".etag-lab-dead00")?;
        let (under_way, locked) = unfinished(".etag-lab-living")?;
        locked.try_lock()?;
        let (new, _) = unfinished(".etag-lab-new000")?;
        File::options().write(true).open(&new)?.set_modified(SystemTime::now())?;
        let (of_others, _) = unfinished(".tmpABCDEF")?;
        write_atomically(&home.path().join("result"), b"x").expect("the folder can be written");
        assert!(!remains.exists());
        assert!(under_way.exists() && new.exists() && of_others.exists());
        Ok(())
    }

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
