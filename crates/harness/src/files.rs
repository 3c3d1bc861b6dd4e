//! Files that others read while the lab writes them, records of runs among them: replaced in one
//! step, never seen half written.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use measure::record::RunRecord;
use tempfile::NamedTempFile;
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

/// Replaces `path` by a file with this content.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    let failed = WriteError::of(path);
    let file = temporary_beside(path, content).map_err(&failed)?;
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
        std::fs::File::options().write(true).open(&fresh)?.set_modified(modified)?;
        std::fs::rename(&fresh, path)
    };
    put().map_err(WriteError::of(path))
}

/// Writes `record` to a new file in `directory`, which is made if need be, and the logs beside
/// it; returns the record's path.
///
/// The name is made of start and scenario; an existing file is never replaced.
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
        let written = temporary_beside(&path, text.as_bytes())
            .and_then(|file| file.persist_noclobber(&path).map_err(|error| error.error));
        match written {
            Ok(_) => break (path, stem),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => attempt += 1,
            Err(error) => return Err(WriteError::of(&path)(error)),
        }
    };
    for (name, log) in logs {
        let kept = directory.join(format!("{stem}.{name}"));
        std::fs::copy(log, &kept).map_err(WriteError::of(&kept))?;
    }
    Ok(path)
}

/// `2026-11-21T03-05-16Z-all-200s`, whatever characters the scenario's name has.
fn stem(record: &RunRecord) -> String {
    let name = record.scenario.name.split(|c: char| !c.is_ascii_alphanumeric());
    let name: Vec<_> = name.filter(|word| !word.is_empty()).collect();
    let name: String = name.join("-").chars().take(60).collect();
    format!("{}-{name}", record.started.replace(':', "-"))
}

fn temporary_beside(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        // A result is to be read by others, as any file that a program writes.
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(directory).map_err(without_path)?;
    file.write_all(content)?;
    // A rename may reach the disk before the content does.
    file.as_file().sync_all()?;
    Ok(file)
}

/// The error itself: `tempfile` adds the name of a file that nobody asked for.
fn without_path(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(std::error::Error::source);
    let code = inner.and_then(|inner| inner.downcast_ref::<io::Error>()?.raw_os_error());
    code.map_or(error, io::Error::from_raw_os_error)
}
